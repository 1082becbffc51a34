/**
 * Where the layerpack program is: named by an option or by `LAYERPACK_BIN`, brought by npm, or on `PATH`.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';

/** The npm package that brings the program for this machine; `scripts/npm-packages.mjs` makes them for a release. */
const PLATFORM_PACKAGE = `@layerpack/${process.platform}-${process.arch}`;

const FILE = process.platform === 'win32' ? 'layerpack.exe' : 'layerpack';

const INSTALL = [
  'Install it in one of these ways:',
  '  uv tool install layerpack      (or: pipx install layerpack)',
  '  cargo install layerpack',
  `  npm install --save-dev ${PLATFORM_PACKAGE}`,
  'or name the program: bundling.executable, or the environment variable LAYERPACK_BIN',
].join('\n');

/** The path of the program, which is there; or an error that says how to install it. */
export function findLayerpack(option?: string): string {
  const named = option ?? (process.env['LAYERPACK_BIN'] || undefined);
  if (named !== undefined) {
    const program = named.includes('/') || named.includes(path.sep) ? path.resolve(named) : onPath(named);
    if (program !== undefined && isProgram(program)) {
      return program;
    }
    const by = option === undefined ? 'LAYERPACK_BIN' : 'bundling.executable';
    throw new Error(`${by} names ${named}, which is no program\n${INSTALL}`);
  }
  const program = ofPlatformPackage() ?? onPath(FILE);
  if (program === undefined) {
    throw new Error(`The program layerpack, which builds Python layers without Docker, is not on PATH.\n${INSTALL}`);
  }
  return program;
}

function ofPlatformPackage(): string | undefined {
  try {
    return require.resolve(`${PLATFORM_PACKAGE}/bin/${FILE}`);
  } catch {
    // Not installed: that is what PATH is looked at for.
    return undefined;
  }
}

function onPath(name: string): string | undefined {
  // As in layerpack itself, relative entries do not count: what is run must not depend on the working directory.
  const folders = (process.env['PATH'] ?? '').split(path.delimiter).filter((folder) => path.isAbsolute(folder));
  return folders.map((folder) => path.join(folder, name)).find(isProgram);
}

function isProgram(file: string): boolean {
  try {
    fs.accessSync(file, fs.constants.X_OK);
    return fs.statSync(file).isFile();
  } catch {
    return false;
  }
}
