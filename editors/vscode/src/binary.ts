// Where the program is.

import { accessSync, constants, statSync } from "node:fs";
import { delimiter, isAbsolute, join } from "node:path";

const NAME = process.platform === "win32" ? "cinderlint.exe" : "cinderlint";

function runs(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

/** The program: the one that the setting names, else the one in the extension, else the one on PATH. Throws what to tell a person. */
export function find(setting: string, extension: string, searched = process.env.PATH ?? ""): string {
  if (setting) {
    if (isAbsolute(setting) && runs(setting)) return setting;
    throw new Error(`${setting} is not a program that can be run. Set \`cinderlint.path\` to the absolute path of cinderlint.`);
  }
  // A relative folder in PATH could lead into the opened tree.
  const folders = searched.split(delimiter).filter((folder) => isAbsolute(folder));
  const found = [join(extension, "bin"), ...folders].map((folder) => join(folder, NAME)).find(runs);
  if (found) return found;
  throw new Error("cinderlint was not found: it is neither in this extension nor on PATH. Install it, or set `cinderlint.path`.");
}
