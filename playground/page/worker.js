// The linter, beside the page: one question in, one answer out.
let linter;

async function load(packed) {
  const bytes = Uint8Array.from(atob(packed), (c) => c.charCodeAt(0));
  const unpacked = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  const wasm = new Uint8Array(await new Response(unpacked).arrayBuffer());
  linter = (await WebAssembly.instantiate(wasm, {})).instance.exports;
}

onmessage = async ({ data }) => {
  try {
    if (data.wasm) await load(data.wasm);
    if (data.question) {
      const start = performance.now();
      const answer = ask(linter, data.question);
      postMessage({ id: data.id, answer, time: performance.now() - start });
    }
  } catch (error) {
    postMessage({ id: data.id, broken: String(error) });
  }
};
