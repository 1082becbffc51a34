/** Wheels for the tests: small, made when they are needed, no binary in the repository. */
import { createHash } from 'node:crypto';
import * as fs from 'node:fs';
import * as path from 'node:path';
import { crc32 } from 'node:zlib';

export interface Wheel {
  readonly name: string;
  readonly version: string;
  /** `py3-none-any`, if nothing else is said. */
  readonly tag?: string;
  readonly requires?: readonly string[];
  readonly extras?: Readonly<Record<string, readonly string[]>>;
  readonly requiresPython?: string;
  /** Beside `<name>/__init__.py`. */
  readonly files?: Readonly<Record<string, string>>;
}

/** Writes a wheel into a folder. */
export function writeWheel(folder: string, wheel: Wheel): void {
  const tag = wheel.tag ?? 'py3-none-any';
  const module = wheel.name.replace(/-/g, '_');
  const info = `${module}-${wheel.version}.dist-info`;
  const files: Record<string, string> = {
    [`${module}/__init__.py`]: `__version__ = "${wheel.version}"\n`,
    ...wheel.files,
    [`${info}/METADATA`]: metadata(wheel),
    [`${info}/WHEEL`]: `Wheel-Version: 1.0\nGenerator: tests\nRoot-Is-Purelib: ${tag.endsWith('any')}\nTag: ${tag}\n`,
  };
  const rows = Object.entries(files).map(([name, text]) => {
    const digest = createHash('sha256').update(text).digest('base64url');
    return `${name},sha256=${digest},${Buffer.byteLength(text)}\n`;
  });
  files[`${info}/RECORD`] = `${rows.join('')}${info}/RECORD,,\n`;
  fs.mkdirSync(folder, { recursive: true });
  fs.writeFileSync(path.join(folder, `${module}-${wheel.version}-${tag}.whl`), zip(files));
}

function metadata(wheel: Wheel): string {
  const lines = ['Metadata-Version: 2.1', `Name: ${wheel.name}`, `Version: ${wheel.version}`];
  lines.push(...(wheel.requires ?? []).map((requirement) => `Requires-Dist: ${requirement}`));
  for (const [extra, requirements] of Object.entries(wheel.extras ?? {})) {
    lines.push(`Provides-Extra: ${extra}`);
    lines.push(...requirements.map((requirement) => `Requires-Dist: ${requirement}; extra == "${extra}"`));
  }
  if (wheel.requiresPython !== undefined) {
    lines.push(`Requires-Python: ${wheel.requiresPython}`);
  }
  return `${lines.join('\n')}\n`;
}

/** Files as a zip, stored. */
function zip(files: Readonly<Record<string, string>>): Buffer {
  const bodies: Buffer[] = [];
  const directory: Buffer[] = [];
  let offset = 0;
  for (const [name, text] of Object.entries(files)) {
    const [path, data] = [Buffer.from(name), Buffer.from(text)];
    // Version 2.0, no flags, stored, 1980-01-01.
    const common = Buffer.alloc(26);
    common.writeUInt16LE(20, 0);
    common.writeUInt16LE(0x21, 8);
    common.writeUInt32LE(crc32(data), 10);
    common.writeUInt32LE(data.length, 14);
    common.writeUInt32LE(data.length, 18);
    common.writeUInt16LE(path.length, 22);
    const local = Buffer.concat([Buffer.from('PK\x03\x04'), common, path, data]);
    // Made by Unix, a plain file with 0644.
    const tail = Buffer.alloc(14);
    tail.writeUInt32LE(0o100644 * 65536, 6);
    tail.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from('PK\x01\x02'), Buffer.from([20, 3]), common, tail, path]));
    bodies.push(local);
    offset += local.length;
  }
  const entries = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write('PK\x05\x06', 0, 'latin1');
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(entries.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...bodies, entries, end]);
}
