// The linter of the page, under Node, and the command: the same files, the same documents.
import { execFileSync } from "node:child_process";
import { cpSync, mkdtempSync, readFileSync, readdirSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, relative, resolve } from "node:path";

const [command, wasm] = process.argv.slice(2).map((path) => resolve(path));
const linter = (await WebAssembly.instantiate(readFileSync(wasm), {})).instance.exports;

const page = join(import.meta.dirname, "..", "page");
const asking = new Function(`${readFileSync(join(page, "ask.js"), "utf8")}; return ask;`)();
const ask = (question) => asking(linter, question);

function run(folder, args) {
  try {
    return JSON.parse(execFileSync(command, args, { cwd: folder, maxBuffer: 1 << 28, stdio: ["ignore", "pipe", "ignore"] }));
  } catch (error) {
    return JSON.parse(error.stdout);
  }
}

// The files below a folder, as texts; a file that is none leaves the whole folder out.
function texts(folder) {
  const files = {};
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true })) {
    const path = join(entry.parentPath ?? entry.path, entry.name);
    if (entry.isSymbolicLink()) return null;
    if (!entry.isFile()) continue;
    const bytes = readFileSync(path);
    const text = new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes);
    if (!Buffer.from(text).equals(bytes)) return null;
    files[relative(folder, path)] = text;
  }
  return files;
}

const folders = [["examples/incident", true], ["examples/incident", false]];
for (const group of ["tests/examples", "tests/forms", "tests/checks", "tests/effective"]) {
  for (const entry of readdirSync(group, { withFileTypes: true })) {
    if (entry.isDirectory()) folders.push([join(group, entry.name), false]);
  }
}
let [same, left, findings] = [0, 0, 0];
const different = [];
for (const [folder, root] of folders) {
  const files = texts(folder);
  if (!files) { left++; continue; }
  // A copy elsewhere: what lies above it in this repository is not what the page has.
  const copy = mkdtempSync(join(tmpdir(), "cinderlint-"));
  cpSync(folder, copy, { recursive: true });
  for (const [release, pedantic] of [[null, true], ["train", false]]) {
    const given = [...(root ? ["--root", "."] : []), ...(release ? ["--release", release] : [])];
    const answer = ask({ files, root, release, pedantic });
    const wanted = {
      check: run(copy, ["check", "--format", "json", ...(pedantic ? ["--pedantic"] : []), ...given, "."]),
      effective: run(copy, ["effective", "--format", "json", ...given, "."]),
    };
    findings += wanted.check.findings.length;
    for (const [what, document] of Object.entries(wanted)) {
      if (JSON.stringify(document) === JSON.stringify(answer[what])) same++;
      else {
        different.push(`${folder} ${release ?? "newest"} ${what}`);
        if (process.env.SHOW) console.log(different.at(-1), JSON.stringify(document).slice(0, 900), "\n---\n", JSON.stringify(answer[what] ?? answer).slice(0, 900));
      }
    }
  }
  rmSync(copy, { recursive: true });
}
console.log(`${same} documents with ${findings} findings are the same, ${different.length} differ; ${left} folders with links or other bytes than UTF-8 left out`);
if (different.length) { console.error(different.join("\n")); process.exit(1); }
