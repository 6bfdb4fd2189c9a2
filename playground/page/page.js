"use strict";
const $ = (id) => document.getElementById(id);
const WORST = ["error", "warning", "info"];
const LONGEST = 5000; // milliseconds that a linting may take
const LARGEST = 4e6; // characters of all files
const encoder = new TextEncoder();
const decoder = new TextDecoder("utf-8", { ignoreBOM: true });

// Everything that the page knows; it is kept nowhere else.
let state = { files: [], at: 0, shares: {} };
let undo = [];
let last = null;
let soon;

// ---- The worker: at most one question is on the way, and the newest waits.
let worker, asked = 0, waiting = false, again = false, timer;

function start() {
  worker = new Worker(URL.createObjectURL(new Blob([WORKER], { type: "text/javascript" })));
  worker.onmessage = heard;
  worker.onerror = (event) => say(`The linter does not start: ${event.message}`);
  worker.postMessage({ wasm: WASM, id: 0, question: { releases: true } });
}

function lint() {
  if (waiting) { again = true; return; }
  waiting = true;
  worker.postMessage({ id: ++asked, question: question() });
  timer = setTimeout(() => restart("The linting took too long and was stopped."), LONGEST);
}

function restart(why) {
  worker.terminate();
  waiting = again = false;
  clearTimeout(timer);
  say(`${why} Change the files to try again.`);
  start();
}

function heard({ data }) {
  if (data.broken) return restart(`The linter failed (${data.broken}).`);
  if (data.answer.releases) return releases(data.answer.releases);
  clearTimeout(timer);
  waiting = false;
  if (again) { again = false; return lint(); }
  last = data.answer;
  document.documentElement.dataset.time = data.time.toFixed(1);
  show();
}

function question() {
  const files = {};
  for (const file of state.files) files[file.path] = file.text;
  const answer = { yes: true, no: false };
  const indicator = {};
  for (const [share, said] of Object.entries({ ...state.shares, "*": $("indicator").value })) {
    if (said in answer) indicator[share] = answer[said];
  }
  return {
    files, indicator, root: $("root").checked, pedantic: $("pedantic").checked, all: $("all").checked,
    release: $("release").value || null, new_install: answer[$("new-install").value] ?? null,
    upgrade_from: $("from").value || null, paths: paths(),
  };
}

// What looks like a configuration is found by itself; if nothing does, the open file is named outright.
function paths() {
  const found = state.files.some((file) => /cinder[^/]*\.conf$|\.ya?ml$|\.j2$|\.erb$/.test(file.path));
  return found || !state.files.length ? [] : [state.files[state.at].path];
}

function releases(all) {
  if ($("release").options.length) return;
  $("release").append(new Option(`newest (${all[0].title})`, ""));
  for (const { name, title } of all) {
    $("release").append(new Option(title, name));
    $("from").append(new Option(title, name));
  }
  open().then(lint);
}

// ---- Texts: in the editor, if it is there, and in a plain field.
const editor = typeof codeEditor === "undefined" ? null : codeEditor.make(document.querySelector(".editor"), edited);
let shownFile = null;

function plain() {
  const plain = !editor || $("plain").checked;
  $("plain-label").hidden = !editor;
  $("gutter").hidden = $("text").hidden = !plain;
  editor?.show(!plain);
}

$("plain").onchange = plain;

function current() { return state.files[state.at]; }

function set(files, rest = {}) {
  state = { files: files.length ? files : [{ path: "cinder.conf", text: "" }], at: 0, shares: rest.shares ?? {} };
  undo = [];
  for (const id of ["release", "new-install", "indicator", "from"]) $(id).value = rest[id] ?? "";
  for (const id of ["root", "pedantic", "all"]) $(id).checked = rest[id] ?? false;
  tabs();
}

function tabs() {
  $("tabs").replaceChildren(...state.files.map((file, at) => {
    const tab = make("button", file.path || "(no name)", { type: "button", role: "tab", id: `tab-${at}` });
    tab.setAttribute("aria-selected", at === state.at);
    tab.setAttribute("aria-controls", "panel");
    tab.tabIndex = at === state.at ? 0 : -1;
    tab.onclick = () => turn(at);
    return tab;
  }));
  $("panel").setAttribute("aria-labelledby", `tab-${state.at}`);
  $("path").value = current().path;
  if ($("text").value !== inField(current().text)) $("text").value = current().text;
  editor?.set(inField(current().text), shownFile !== current());
  shownFile = current();
  $("undo").disabled = !undo.length;
  gutter();
}

function turn(at) {
  state.at = at;
  tabs();
}

$("tabs").onkeydown = (event) => {
  const count = state.files.length;
  const to = { ArrowRight: state.at + 1, ArrowLeft: state.at - 1 + count, Home: 0, End: count - 1 }[event.key];
  if (to === undefined) return;
  event.preventDefault();
  turn(to % count);
  $(`tab-${state.at}`).focus();
};

// The numbers of the lines, each with the letter of the worst finding in it.
function gutter() {
  const marks = new Map();
  for (const finding of findings().reverse()) {
    if (finding.file === current().path) marks.set(finding.line, finding.severity[0].toUpperCase());
  }
  editor?.mark(findings().filter(({ file }) => file === current().path).map((finding) => ({
    from: offset(current().text, finding.byte_start), to: offset(current().text, finding.byte_end),
    severity: finding.severity, source: finding.rule, message: finding.message,
  })));
  const count = current().text.split("\n").length;
  let text = "";
  for (let line = 1; line <= count; line++) text += `${marks.get(line) ?? " "} ${line}\n`;
  $("gutter").textContent = `${text}\n\n`;
  $("gutter").scrollTop = $("text").scrollTop;
}

$("text").onscroll = () => { $("gutter").scrollTop = $("text").scrollTop; };

// The offset in a text of a byte of it.
function offset(text, byte) { return inField(decoder.decode(encoder.encode(text).subarray(0, byte))).length; }

// A field has lines that end in one character.
function inField(text) { return text.replace(/\r\n?/g, "\n"); }

function go(path, line, start, end) {
  const at = state.files.findIndex((file) => file.path === path);
  if (at < 0) return;
  turn(at);
  const text = $("text");
  const lines = current().text.split("\n");
  const from = start === undefined ? lines.slice(0, line - 1).join("\n").length + (line > 1 ? 1 : 0) : offset(current().text, start);
  const to = end === undefined ? from : offset(current().text, end);
  if (!text.hidden) text.focus(); else editor.select(from, to);
  text.setSelectionRange(from, to);
  const height = text.scrollHeight / Math.max(lines.length, 1);
  text.scrollTop = Math.max(0, (line - 6) * height);
}

// ---- Fixes
function apply(fix) {
  const changed = new Map();
  for (const edit of fix.edits) {
    const at = state.files.findIndex((file) => file.path === edit.file);
    if (at < 0) return say(`${edit.file} is not here: nothing was changed.`);
    changed.set(at, [...(changed.get(at) ?? []), edit]);
  }
  const step = [];
  for (const [at, edits] of changed) {
    let bytes = encoder.encode(state.files[at].text);
    for (const edit of edits.sort((a, b) => b.byte_start - a.byte_start)) {
      const text = encoder.encode(edit.text);
      const whole = new Uint8Array(edit.byte_start + text.length + bytes.length - edit.byte_end);
      whole.set(bytes.subarray(0, edit.byte_start));
      whole.set(text, edit.byte_start);
      whole.set(bytes.subarray(edit.byte_end), edit.byte_start + text.length);
      bytes = whole;
    }
    const after = decoder.decode(bytes);
    step.push({ file: state.files[at], before: state.files[at].text, after });
    state.files[at].text = after;
  }
  undo.push(step);
  last = null;
  tabs();
  $("findings-title").focus();
  lint();
}

$("undo").onclick = () => {
  const step = undo.pop();
  const same = step.every(({ file, after }) => state.files.includes(file) && file.text === after);
  if (same) for (const { file, before } of step) file.text = before;
  tabs();
  if (!same) return say("The file was edited since: the fix was not undone.");
  lint();
};

// ---- What is shown
function say(text) { $("counts").textContent = text; }

function make(name, text, properties = {}) {
  const element = document.createElement(name);
  if (text !== undefined && text !== null) element.textContent = text;
  for (const [key, value] of Object.entries(properties)) element[key] = value;
  if (properties.role) element.setAttribute("role", properties.role);
  return element;
}

function findings(check = last?.check) {
  const open = (check?.findings ?? []).filter((finding) => !finding.suppressed);
  return open.map((finding, at) => [finding, at])
    .sort(([a, x], [b, y]) => WORST.indexOf(a.severity) - WORST.indexOf(b.severity) || x - y).map(([finding]) => finding);
}

function show() {
  if (last.error) return say(`Not linted: ${last.error}`);
  const { summary, errors, release } = last.check;
  const count = (number, what) => `${number} ${what}${number === 1 ? "" : "s"}`;
  const counts = `${count(summary.error, "error")}, ${count(summary.warning, "warning")}, ${summary.info} info`;
  const guess = last.written_for && !$("release").value ? ` Lines in it were last read by ${last.written_for}: is that the release?` : "";
  say(`${counts}, as Cinder ${release} reads ${count(summary.files, "file")}.${guess}`);
  const told = errors.map((error) => `${error.file}: ${words(error.message)}`).concat(last.notes);
  $("errors").replaceChildren(...told.map((text) => make("li", text)));
  $("list").replaceChildren(...findings().map((finding) => item(finding, true)));
  effective();
  upgrade();
  gutter();
}

function words(message) { return typeof message === "string" ? message : Object.values(message).filter(Boolean).join(": "); }

function item(finding, fixes) {
  const li = make("li", null, { className: finding.severity });
  const head = make("div", `${finding.severity} ${finding.rule} ${finding.name} `, { className: "head" });
  li.append(head, place(finding), make("p", finding.message, { className: "message" }));
  if (finding.help) li.append(make("p", `Help: ${finding.help}`, { className: "help" }));
  for (const related of finding.related) {
    const p = make("p", null, { className: "small" });
    p.append(place(related), ` ${related.message}`);
    li.append(p);
  }
  const rule = last.rules[finding.rule];
  if (rule) {
    const why = make("details");
    why.append(make("summary", `Why ${finding.rule}`), make("p", rule.why, { className: "message" }), make("pre", rule.instead, { className: "scroll" }));
    li.append(why);
  }
  const bar = make("div", null, { className: "bar" });
  for (const fix of fixes ? [finding.fix, ...finding.alternatives] : []) {
    if (!fix?.edits.length) continue;
    const safe = fix.applicability === "safe" ? "" : " (changes what Cinder does)";
    bar.append(make("button", `Fix: ${fix.title}${safe}`, { type: "button", onclick: () => apply(fix) }));
  }
  if (bar.childNodes.length) li.append(bar);
  return li;
}

function place({ file, line, byte_start, byte_end }) {
  return make("button", `${file}, line ${line}`, { type: "button", className: "place", onclick: () => go(file, line, byte_start, byte_end) });
}

function origin(told) {
  if (told?.file) return place(told);
  return document.createTextNode(told?.layer ?? (told?.driver ? "the driver" : told?.default ? `default of ${told.default}` : ""));
}

function table(caption, heads, rows) {
  const table = make("table");
  table.append(make("caption", caption));
  const row = (cells, name) => {
    const tr = make("tr");
    for (const cell of cells) {
      const td = make(name);
      td.append(cell ?? "");
      tr.append(td);
    }
    return tr;
  };
  const head = make("thead"), body = make("tbody");
  head.append(row(heads, "th"));
  for (const th of head.querySelectorAll("th")) th.scope = "col";
  body.append(...rows.map((cells) => row(cells, "td")));
  table.append(head, body);
  const around = make("div", null, { className: "scroll", tabIndex: 0, role: "group" });
  around.setAttribute("aria-label", caption);
  around.append(table);
  return around;
}

function effective() {
  const parts = [];
  for (const deployment of last.effective.deployments) {
    for (const backend of deployment.backends.slice(0, 200)) {
      parts.push(make("h3", `${backend.name}${backend.enabled ? "" : " (not enabled)"}`), make("p", `${backend.driver}; starts: ${backend.starts}${backend.start_error ? `: ${backend.start_error}` : ""}`, { className: "small" }));
      const nas = Object.entries(backend.nas).map(([name, it]) => [name, it.effective, it.if_new_install, it.if_existing, origin(it.origin), it.because]);
      parts.push(table(`The NAS pair of ${backend.name}`, ["option", "value", "if new", "if there are volumes", "from", "why"], nas));
      if (backend.shares.length) parts.push(table(`The shares of ${backend.name}`, ["address", "mounted at", "indicator"], backend.shares.map((share) => [share.address, share.mount_point, share.mount_point ? asks(share) : share.indicator])));
      const options = Object.entries(backend.options).map(([name, it]) => [name, it.value ?? "(none)", origin(it.origin)]);
      parts.push(table(`The options of ${backend.name}`, ["option", "value", "from"], options));
    }
  }
  const focus = document.activeElement?.id;
  $("effective").replaceChildren(...(parts.length ? parts : [make("p", "There is no backend.")]));
  if (focus?.startsWith("share-")) $(focus)?.focus();
}

// Whether a share has the indicator, as a question.
function asks(share) {
  const select = make("select", null, { id: `share-${share.mount_point}` });
  select.setAttribute("aria-label", `Indicator on ${share.address}`);
  select.append(new Option(`as said above (${share.indicator})`, ""), new Option("there", "yes"), new Option("not there", "no"));
  select.value = state.shares[share.mount_point] ?? "";
  select.onchange = () => { state.shares[share.mount_point] = select.value; lint(); };
  return select;
}

function upgrade() {
  const told = last.upgrade;
  $("upgrade").hidden = !told;
  if (!told) return;
  $("upgrade-says").textContent = told.error ?? `From ${told.upgrade.from} to ${told.upgrade.to}: ${told.findings.length} changes for these files.`;
  $("upgrade-list").replaceChildren(...findings(told.error ? {} : told).map((finding) => item(finding, true)));
}

// ---- Files from disk
async function take(files) {
  const all = [];
  for (const { path, file } of files) {
    if (file.size > LARGEST || all.length > 500) continue;
    const text = await file.text();
    if (!text.includes("\0")) all.push({ path: path.replace(/^\/+/, ""), text });
  }
  if (!all.length) return say("None of these files can be read as text.");
  for (const file of all) {
    const known = state.files.find(({ path }) => path === file.path);
    if (known) known.text = file.text; else state.files.push(file);
  }
  if (state.files.length > 1) state.files = state.files.filter((file) => file.text || file.path !== "cinder.conf");
  state.at = state.files.findIndex(({ path }) => path === all[0].path);
  last = null;
  tabs();
  lint();
}

$("open").onclick = () => $("picked").click();
$("picked").onchange = () => take([...$("picked").files].map((file) => ({ path: file.webkitRelativePath || file.name, file })));
document.ondragover = (event) => { event.preventDefault(); document.querySelector(".editor").classList.add("over"); };
document.ondragleave = () => document.querySelector(".editor").classList.remove("over");
document.ondrop = async (event) => {
  event.preventDefault();
  document.ondragleave();
  const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry?.()).filter(Boolean);
  const found = [];
  const walk = async (entry) => {
    if (found.length > 500) return;
    if (entry.isFile) return found.push({ path: entry.fullPath, file: await new Promise((yes, no) => entry.file(yes, no)) });
    const reader = entry.createReader();
    for (;;) {
      const some = await new Promise((yes, no) => reader.readEntries(yes, no));
      if (!some.length) break;
      for (const one of some) await walk(one);
    }
  };
  for (const entry of entries) await walk(entry);
  take(found);
};

// ---- The address: only when somebody asks for it, and with secrets covered.
const through = async (bytes, stream) => new Uint8Array(await new Response(new Blob([bytes]).stream().pipeThrough(stream)).arrayBuffer());

$("share").onclick = async () => {
  const files = state.files.filter(({ path }) => last?.covered?.[path] !== undefined).map(({ path }) => ({ path, text: last.covered[path] }));
  const rest = { shares: state.shares };
  for (const id of ["release", "new-install", "indicator", "from"]) rest[id] = $(id).value;
  for (const id of ["root", "pedantic", "all"]) rest[id] = $(id).checked;
  const packed = await through(encoder.encode(JSON.stringify({ files, rest })), new CompressionStream("deflate-raw"));
  let text = "";
  for (const byte of packed) text += String.fromCharCode(byte);
  const left = state.files.length - files.length;
  const but = left ? ` ${left} of the files were not read as configuration and are left out.` : "";
  offer(`The files are in the address, with passwords covered. Names and addresses are not covered.${but}`,
    `${location.href.split("#")[0]}#v1=${btoa(text).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")}`);
};

function offer(what, text) {
  $("shared").hidden = false;
  $("shared-says").textContent = what;
  $("shared-text").value = text;
  $("shared-text").focus();
  $("shared-text").select();
}

$("shared-close").onclick = () => { $("shared").hidden = true; };
$("copy").onclick = async () => {
  if (!last?.markdown) return;
  try {
    await navigator.clipboard.writeText(last.markdown);
    say("The report was copied.");
  } catch {
    offer("The report:", last.markdown);
  }
};

async function open() {
  const packed = /^#v1=([\w-]+)$/.exec(location.hash)?.[1];
  if (packed) {
    try {
      const bytes = Uint8Array.from(atob(packed.replaceAll("-", "+").replaceAll("_", "/")), (c) => c.charCodeAt(0));
      const { files, rest } = JSON.parse(decoder.decode(await through(bytes, new DecompressionStream("deflate-raw"))));
      return set(files.map(({ path, text }) => ({ path: String(path), text: String(text) })), rest);
    } catch {
      $("errors").append(make("li", "The files in the address cannot be read: this is the example."));
    }
  }
  set(structuredClone(EXAMPLE.files), EXAMPLE.rest);
}

// ---- What people do
$("text").oninput = () => {
  editor?.set($("text").value, false);
  edited($("text").value);
};

function edited(text) {
  if ($("text").value !== text) $("text").value = text;
  current().text = current().text.includes("\r\n") ? text.replaceAll("\n", "\r\n") : text;
  clearTimeout(soon);
  soon = setTimeout(lint, 15);
  if (!$("text").hidden) gutter();
}
$("path").onchange = () => {
  const path = $("path").value.trim().replace(/^\/+/, "");
  if (path && !state.files.some((file) => file.path === path)) current().path = path;
  tabs();
  lint();
};
$("new").onclick = () => {
  let number = 1;
  const name = () => (number === 1 ? "new.conf" : `new-${number}.conf`);
  while (state.files.some(({ path }) => path === name())) number++;
  state.files.push({ path: name(), text: "" });
  turn(state.files.length - 1);
  $("path").focus();
  lint();
};
$("remove").onclick = () => {
  state.files.splice(state.at, 1);
  if (!state.files.length) state.files.push({ path: "cinder.conf", text: "" });
  turn(0);
  lint();
};
$("clear").onclick = () => { set([]); lint(); go(current().path, 1); };
$("example").onclick = () => { set(structuredClone(EXAMPLE.files), EXAMPLE.rest); lint(); };
for (const id of ["release", "new-install", "indicator", "from", "root", "pedantic", "all"]) $(id).onchange = lint;

plain();
start();
