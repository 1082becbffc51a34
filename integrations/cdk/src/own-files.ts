/**
 * What of the entry folder goes into the layer beside the packages: its own modules and data, as CDK's Docker-based
 * construct copies them. layerpack itself packs `python/` and `opt/` of a source, and nothing that merely lies beside
 * the requirements file.
 */
import * as fs from 'node:fs';
import * as path from 'node:path';
import { FileSystem, IgnoreMode, SymlinkFollowMode } from 'aws-cdk-lib/core';

/** What makes a folder a source of layerpack's: it is read, or packed at its own place. */
const SOURCES = /^(requirements\.txt|pylock\.toml|uv\.lock|poetry\.lock|Pipfile\.lock|pyproject\.toml|.*\.whl|python|opt)$/;

/** Patterns, as in .gitignore, of what is never copied. */
const LEFT_OUT = [
  ...['/requirements.txt', '/pylock.toml', '/pylock.*.toml', '/uv.lock', '/poetry.lock', '/Pipfile.lock', '/Pipfile'],
  ...['/pyproject.toml', '/layerpack.toml', '/*.whl', '/python', '/opt'],
  // What nobody wants in a layer: version control, virtual environments, caches, secrets in .env.
  ...['.*', '__pycache__', '*.pyc', 'node_modules', 'cdk.out'],
];

/** Whether layerpack finds anything to pack in the entry by itself. */
export function isSource(entry: string): boolean {
  return !fs.statSync(entry).isDirectory() || fs.readdirSync(entry).some((name) => SOURCES.test(name));
}

/**
 * Copies the entry's own files into `folder/python`. Gives the folder if there is anything in it.
 *
 * `excludes` are patterns as in .gitignore.
 */
export function copyOwnFiles(entry: string, folder: string, excludes: readonly string[]): string | undefined {
  fs.rmSync(folder, { recursive: true, force: true });
  if (!fs.statSync(entry).isDirectory()) {
    return undefined;
  }
  const destination = path.join(folder, 'python');
  fs.mkdirSync(destination, { recursive: true });
  FileSystem.copyDirectory(entry, destination, {
    exclude: [...LEFT_OUT, ...excludes],
    ignoreMode: IgnoreMode.GIT,
    follow: SymlinkFollowMode.ALWAYS,
  });
  return holdsFiles(destination) ? folder : undefined;
}

function holdsFiles(folder: string): boolean {
  return fs.readdirSync(folder, { withFileTypes: true, recursive: true }).some((entry) => entry.isFile());
}
