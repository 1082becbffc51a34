/** What the tests share: a folder of their own, wheels to build from, and stacks without network, Docker or AWS. */
import * as assert from 'node:assert/strict';
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { App, Stack } from 'aws-cdk-lib/core';
import { Match, Template } from 'aws-cdk-lib/assertions';
import { Wheel, writeWheel } from './wheel';

/** The repository that this package lies in. */
export const REPOSITORY = path.resolve(__dirname, '../../../..');

/** The program under test: `LAYERPACK_BIN`, else what cargo built last. */
export const LAYERPACK = findProgram();

function findProgram(): string {
  const named = process.env['LAYERPACK_BIN'];
  if (named !== undefined && named !== '') {
    return named;
  }
  const name = process.platform === 'win32' ? 'layerpack.exe' : 'layerpack';
  const built = ['release', 'debug'].map((profile) => path.join(REPOSITORY, 'target', profile, name));
  const there = built.filter((file) => fs.existsSync(file));
  const age = (file: string) => fs.statSync(file).mtimeMs;
  const newest = there.sort((a, b) => age(b) - age(a))[0];
  assert.ok(newest, 'no layerpack to test with: run `cargo build` in the repository, or set LAYERPACK_BIN');
  return newest;
}

/** A folder that is removed when the tests end, with an entry folder and a folder of wheels. */
export class Scratch {
  public readonly folder = fs.mkdtempSync(path.join(os.tmpdir(), 'layerpack-cdk-'));
  public readonly entry = path.join(this.folder, 'layers', 'pypi');
  public readonly wheels = path.join(this.folder, 'wheels');

  public constructor(requirements?: string) {
    fs.mkdirSync(this.entry, { recursive: true });
    fs.mkdirSync(this.wheels);
    if (requirements !== undefined) {
      this.write('requirements.txt', requirements);
    }
    process.on('exit', () => fs.rmSync(this.folder, { recursive: true, force: true }));
  }

  /** Writes a file of the entry. */
  public write(name: string, text: string): this {
    const file = path.join(this.entry, name);
    fs.mkdirSync(path.dirname(file), { recursive: true });
    fs.writeFileSync(file, text);
    return this;
  }

  public wheel(wheel: Wheel): this {
    writeWheel(this.wheels, wheel);
    return this;
  }

  /** Packages come from the wheels alone, and nothing of this machine's settings or cache counts. */
  public get environment(): Record<string, string> {
    return {
      LAYERPACK_BIN: LAYERPACK,
      LAYERPACK_CACHE_DIR: path.join(this.folder, 'cache'),
      PIP_CONFIG_FILE: os.devNull,
      PIP_NO_INDEX: '1',
      PIP_FIND_LINKS: this.wheels,
    };
  }

  /** A new app and stack whose assembly goes to cdk.out; `context` may say which stacks are synthesized. */
  public stack(context: Record<string, unknown> = {}): Stack {
    const app = new App({ outdir: path.join(this.folder, 'cdk.out'), context, analyticsReporting: false });
    return new Stack(app, 'Stack');
  }
}

/** The layer versions of a stack: their properties, by logical name. */
export function layerVersions(stack: Stack): Record<string, Record<string, unknown>>[] {
  const found = Template.fromStack(stack).findResources('AWS::Lambda::LayerVersion', Match.anyValue());
  return Object.values(found).map((resource) => resource['Properties']);
}

/** The name of the asset that a layer version is made of: its hash and `.zip`. */
export function assetOf(stack: Stack): string {
  const [layer] = layerVersions(stack);
  return String(layer?.['Content']?.['S3Key']);
}

/** The names in the layer's zip. */
export function namesInZip(file: string): string[] {
  const zip = fs.readFileSync(file);
  const names: string[] = [];
  for (let at = zip.indexOf('PK\x01\x02'); at >= 0; at = zip.indexOf('PK\x01\x02', at + 4)) {
    names.push(zip.subarray(at + 46, at + 46 + zip.readUInt16LE(at + 28)).toString());
  }
  return names;
}
