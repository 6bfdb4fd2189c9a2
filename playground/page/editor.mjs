// The editor in the place of the plain field: lines, colours of INI, marks of findings, undoing.
import { defaultKeymap, history, historyKeymap } from "@codemirror/commands";
import { HighlightStyle, StreamLanguage, syntaxHighlighting } from "@codemirror/language";
import { lintGutter, setDiagnostics } from "@codemirror/lint";
import { searchKeymap } from "@codemirror/search";
import { EditorState } from "@codemirror/state";
import { EditorView, drawSelection, highlightActiveLine, keymap, lineNumbers } from "@codemirror/view";
import { tags } from "@lezer/highlight";

// As oslo.config reads lines: a key starts at the left edge, what is indented goes on with a value.
const ini = StreamLanguage.define({
  token(stream) {
    if (stream.sol()) {
      if (/[#;]/.test(stream.peek() ?? "")) { stream.skipToEnd(); return "comment"; }
      if (stream.match(/\[[^\]]*\]?/)) return "heading";
      if (stream.match(/[^\s=:][^=:]*(?=[=:])/)) return "propertyName";
    }
    if (stream.match(/\$\{?\w+\}?/)) return "variableName";
    if (stream.eat(/[=:]/)) return "operator";
    stream.next();
    stream.eatWhile(/[^$=:]/);
    return null;
  },
});
const colours = HighlightStyle.define([
  { tag: tags.comment, color: "var(--soft)" },
  { tag: tags.heading, fontWeight: "bold" },
  { tag: tags.propertyName, color: "var(--link)" },
  { tag: tags.variableName, color: "var(--warning)" },
]);
const look = EditorView.theme({
  "&": { flex: "1", minWidth: "0", height: "100%", backgroundColor: "var(--back)", color: "var(--front)" },
  ".cm-scroller": { font: ".875rem/1.4 ui-monospace, monospace" },
  ".cm-gutters": { backgroundColor: "var(--field)", color: "var(--soft)", border: "0" },
  ".cm-activeLine": { backgroundColor: "transparent" },
  ".cm-cursor": { borderLeftColor: "var(--front)" },
  ".cm-tooltip, .cm-panels": { backgroundColor: "var(--field)", color: "var(--front)", border: "1px solid var(--line)", maxWidth: "40rem" },
  "&.cm-focused": { outline: "3px solid var(--link)", outlineOffset: "-3px" },
  "&.cm-focused > .cm-scroller > .cm-selectionLayer .cm-selectionBackground, .cm-selectionBackground": { backgroundColor: "color-mix(in srgb, var(--link) 30%, transparent) !important" },
});

export function make(parent, changed) {
  let silent = false;
  const heard = EditorView.updateListener.of((update) => { if (update.docChanged && !silent) changed(update.state.doc.toString()); });
  const extensions = [
    lineNumbers(), history(), drawSelection(), highlightActiveLine(), lintGutter(), ini, syntaxHighlighting(colours), look, heard,
    keymap.of([...defaultKeymap, ...historyKeymap, ...searchKeymap]),
    EditorView.contentAttributes.of({ "aria-label": "Text of the file", "aria-describedby": "editor-help", spellcheck: "false" }),
  ];
  const fresh = (doc) => EditorState.create({ doc, extensions });
  const view = new EditorView({ state: fresh(""), parent });
  return {
    // Another file has a history of its own; what a fix does to the same one can be undone here too.
    set(text, other) {
      if (other) return view.setState(fresh(text));
      if (view.state.doc.toString() === text) return;
      silent = true;
      view.dispatch({ changes: { from: 0, to: view.state.doc.length, insert: text } });
      silent = false;
    },
    select(from, to) {
      const end = view.state.doc.length;
      view.focus();
      view.dispatch({ selection: { anchor: Math.min(from, end), head: Math.min(to, end) }, effects: EditorView.scrollIntoView(Math.min(from, end), { y: "center" }) });
    },
    mark(marks) {
      const end = view.state.doc.length;
      const inside = marks.map((one) => ({ ...one, from: Math.min(one.from, end), to: Math.min(one.to, end) }));
      view.dispatch(setDiagnostics(view.state, inside));
    },
    show(shown) { view.dom.hidden = !shown; view.dom.style.display = shown ? "" : "none"; },
  };
}
