// The server, asked as five editors ask it. The program is $CINDERLINT, or the release build.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import { fileURLToPath, pathToFileURL } from "node:url";
import protocol from "vscode-languageserver-protocol/node";

const here = (path) => fileURLToPath(new URL(path, import.meta.url));
const program = process.env.CINDERLINT ?? here("../../../target/release/cinderlint");
assert.ok(existsSync(program), `${program} is not there: build it, or set CINDERLINT`);

const TEXT = `[DEFAULT]
enabled_backends = nfs1
[nfs1]
volume_driver = cinder.volume.drivers.nfs.NfsDriver
volume_backend_name = 😀, $nosuch_option
nas_secure_file_operations = auto
`;

for (const file of readdirSync(here("capabilities"))) {
  test(`as ${file.replace(".json", "")} asks`, { timeout: 30_000 }, async () => {
    const capabilities = JSON.parse(readFileSync(here(`capabilities/${file}`), "utf8"));
    const folder = mkdtempSync(join(tmpdir(), "cinderlint-"));
    writeFileSync(join(folder, "cinder.conf"), TEXT);
    const server = spawn(program, ["lsp"], { stdio: ["pipe", "pipe", "inherit"] });
    const link = protocol.createProtocolConnection(
      new protocol.StreamMessageReader(server.stdout), new protocol.StreamMessageWriter(server.stdin));
    try {
      const sent = [];
      let came;
      const first = new Promise((done) => (came = done));
      link.onNotification("textDocument/publishDiagnostics", (told) => { sent.push(told); came(told.diagnostics); });
      link.onRequest("client/registerCapability", () => null);
      link.onRequest("workspace/diagnostic/refresh", () => null);
      link.listen();
      const root = pathToFileURL(folder).href;
      const { capabilities: offered } = await link.sendRequest("initialize", {
        processId: process.pid, rootUri: root, workspaceFolders: [{ uri: root, name: "it" }], capabilities,
      });
      await link.sendNotification("initialized", {});
      for (const never of ["documentFormattingProvider", "documentRangeFormattingProvider", "documentOnTypeFormattingProvider"]) {
        assert.equal(offered[never], undefined);
      }
      const pulls = Boolean(capabilities.textDocument.diagnostic?.relatedDocumentSupport);
      assert.equal(Boolean(offered.diagnosticProvider), pulls);

      const textDocument = { uri: `${root}/cinder.conf` };
      await link.sendNotification("textDocument/didOpen", {
        textDocument: { ...textDocument, languageId: "cinder", version: 1, text: TEXT },
      });
      const found = pulls ? (await link.sendRequest("textDocument/diagnostic", { textDocument })).items : await first;
      assert.ok(found.some((one) => one.code === "CND401"), JSON.stringify(found));
      const ask = (method, line, character, more = {}) =>
        link.sendRequest(method, { textDocument, position: { line, character }, ...more });

      // The column after the emoji, as the encoding that was agreed on counts it.
      const utf8 = offered.positionEncoding === "utf-8";
      assert.equal(utf8, Boolean(capabilities.general?.positionEncodings.includes("utf-8")));
      const after = found.find((one) => one.code === "CND130");
      assert.equal(after?.range.start.character, utf8 ? 28 : 26, JSON.stringify(found));

      assert.match(JSON.stringify((await ask("textDocument/hover", 5, 3)).contents), /nas_secure_file_operations/);
      const listed = await ask("textDocument/completion", 6, 0);
      assert.ok((listed.items ?? listed).some((item) => item.label === "nas_secure_file_permissions"));
      const actions = await link.sendRequest("textDocument/codeAction", {
        textDocument, range: found.find((one) => one.code === "CND401").range, context: { diagnostics: found },
      });
      assert.ok(actions.some((action) => action.edit), JSON.stringify(actions));

      if (pulls) assert.deepEqual(sent, []);
      await link.sendRequest("shutdown");
      const ended = new Promise((done) => server.on("exit", done));
      await link.sendNotification("exit");
      assert.equal(await ended, 0);
    } finally {
      link.dispose();
      server.kill();
      rmSync(folder, { recursive: true });
    }
  });
}
