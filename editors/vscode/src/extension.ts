// The extension: starts `cinderlint lsp`, and shows what `cinderlint effective` says.

import { execFile } from "node:child_process";
import * as vscode from "vscode";
import { LanguageClient } from "vscode-languageclient/node";
import { find } from "./binary";

const SCHEME = "cinderlint-effective";
const LANGUAGES = ["cinder-conf", "ini", "properties", "yaml", "ansible", "helm", "jinja"];
/** A file server that hangs must not leave processes behind. */
const PATIENCE = 10_000;

let client: LanguageClient | undefined;

/** The settings that the server reads, as it calls them. */
function settings() {
  const all = vscode.workspace.getConfiguration("cinderlint");
  return {
    release: all.get<string>("release") || null,
    host: all.get<boolean>("host") ?? false,
    newInstall: all.get<boolean | null>("newInstall") ?? null,
    pedantic: all.get<boolean>("pedantic") ?? false,
    preview: all.get<boolean>("preview") ?? false,
    isolated: all.get<boolean>("isolated") ?? false,
  };
}

export async function activate(context: vscode.ExtensionContext): Promise<void> {
  const program = () => find(vscode.workspace.getConfiguration("cinderlint").get("path", ""), context.extensionPath);
  const status = vscode.window.createStatusBarItem(vscode.StatusBarAlignment.Right);
  const changed = new vscode.EventEmitter<vscode.Uri>();

  const effective = (file: string, ...more: string[]) => new Promise<{ code: number; out: string; err: string }>((done, fail) => {
    const { release, host, newInstall, isolated } = settings();
    const args = ["effective", "--color", "never", ...more];
    if (release) args.push("--release", release);
    if (host && !more.includes("--root")) args.push("--host");
    if (newInstall !== null) args.push("--new-install", newInstall ? "yes" : "no");
    if (isolated) args.push("--isolated");
    execFile(program(), [...args, "--", file], { timeout: PATIENCE, maxBuffer: 1 << 26 }, (error, out, err) => {
      if (error && typeof error.code !== "number") fail(new Error(`cinderlint did not answer: ${error.killed ? "it took too long" : error.code}`));
      else done({ code: Number(error?.code ?? 0), out, err });
    });
  });

  async function show(): Promise<void> {
    const document = vscode.window.activeTextEditor?.document;
    status.hide();
    if (!client || document?.uri.scheme !== "file" || !LANGUAGES.includes(document.languageId)) return;
    const version = client.initializeResult?.serverInfo?.version ?? "";
    try {
      // Below the extension's own folder none of the paths in a configuration exists: no mount of the host is touched.
      const { out } = await effective(document.uri.fsPath, "--format", "json", "--root", context.extensionPath);
      const said = JSON.parse(out);
      if (said.deployments.length === 0 || document !== vscode.window.activeTextEditor?.document) return;
      status.text = `cinderlint ${version} · Cinder ${said.release}`;
      status.tooltip = "Show effective configuration";
      status.show();
    } catch {
      // The file is none of Cinder's; what is wrong with the program has been said at the start.
    }
  }

  async function start(): Promise<void> {
    const old = client;
    client = undefined;
    await old?.dispose();
    try {
      const command = program();
      const next = new LanguageClient("cinderlint", "cinderlint", { command, args: ["lsp"] }, {
        documentSelector: [
          ...LANGUAGES.map((language) => ({ scheme: "file", language })),
          { scheme: "file", pattern: "**/{*.j2,cinderlint.toml}" },
        ],
        initializationOptions: settings,
        middleware: {
          // The server's name for "Cinder's, whatever the file is called" is `cinder`.
          didOpen: (document, next) =>
            next(document.languageId === "cinder-conf" ? Object.create(document, { languageId: { value: "cinder" } }) : document),
        },
      });
      await next.start();
      client = next;
    } catch (error) {
      void vscode.window.showErrorMessage(`cinderlint did not start: ${error instanceof Error ? error.message : error}`);
    }
    await show();
  }

  const provider: vscode.TextDocumentContentProvider = {
    onDidChange: changed.event,
    async provideTextDocumentContent(uri) {
      const file = vscode.Uri.parse(uri.query);
      const open = vscode.workspace.textDocuments.find((one) => one.uri.toString() === file.toString());
      const note = open?.isDirty ? "The file has changes that are not saved: this is what is on disk.\n\n" : "";
      try {
        const { out, err } = await effective(file.fsPath);
        return note + out + err;
      } catch (error) {
        return error instanceof Error ? error.message : String(error);
      }
    },
  };

  async function open(): Promise<void> {
    const file = vscode.window.activeTextEditor?.document.uri;
    if (file?.scheme !== "file") {
      void vscode.window.showErrorMessage("Open a file of Cinder's configuration first.");
      return;
    }
    const uri = vscode.Uri.from({ scheme: SCHEME, path: `${file.path} (effective)`, query: file.toString() });
    changed.fire(uri);
    await vscode.window.showTextDocument(await vscode.workspace.openTextDocument(uri), { viewColumn: vscode.ViewColumn.Beside });
  }

  status.command = "cinderlint.effective";
  context.subscriptions.push(
    status,
    changed,
    vscode.workspace.registerTextDocumentContentProvider(SCHEME, provider),
    vscode.commands.registerCommand("cinderlint.effective", open),
    vscode.commands.registerCommand("cinderlint.restart", start),
    vscode.window.onDidChangeActiveTextEditor(show),
    vscode.workspace.onDidSaveTextDocument(() => {
      for (const one of vscode.workspace.textDocuments) if (one.uri.scheme === SCHEME) changed.fire(one.uri);
      return show();
    }),
    vscode.workspace.onDidChangeConfiguration(async (event) => {
      if (event.affectsConfiguration("cinderlint.path")) return start();
      if (!event.affectsConfiguration("cinderlint")) return;
      await client?.sendNotification("workspace/didChangeConfiguration", { settings: { cinderlint: settings() } });
      await show();
    }),
  );
  await start();
}

export async function deactivate(): Promise<void> {
  await client?.dispose();
}
