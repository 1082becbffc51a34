/**
 * The `bundling` options: those of CDK's Docker-based construct that mean something without Docker, and layerpack's own.
 */
import { AssetHashType } from 'aws-cdk-lib/core';

/** How the layer is built. */
export interface BundlingOptions {
  /**
   * Environment variables of the build, such as `PIP_INDEX_URL`; added to those of the CDK app.
   *
   * @default - the environment of the CDK app
   */
  readonly environment?: { [key: string]: string };

  /**
   * What were arguments of the Docker build: `PIP_INDEX_URL`, `PIP_EXTRA_INDEX_URL`, `HTTPS_PROXY`. The same as
   * `environment`, which wins where both name a variable.
   *
   * @default - none
   */
  readonly buildArgs?: { [key: string]: string };

  /**
   * Files of the entry folder that are not copied into the layer; patterns as in .gitignore.
   *
   * @default - none; what layerpack reads, hidden files and caches are never copied
   */
  readonly assetExcludes?: string[];

  /**
   * A hash in place of that of the zip. The layer is deployed again when it changes, and only then.
   *
   * @default - the hash of the zip, which changes only where the layer's contents do
   */
  readonly assetHash?: string;

  /**
   * `CUSTOM` with `assetHash`. The other types all mean the hash of the zip, which is what they are about.
   *
   * @default AssetHashType.CUSTOM with `assetHash`, else the hash of the zip
   */
  readonly assetHashType?: AssetHashType;

  /**
   * The program layerpack: a path, or a name on `PATH`.
   *
   * @default - `LAYERPACK_BIN`, else the program that npm installed, else `layerpack` on `PATH`
   */
  readonly executable?: string;

  /**
   * Further arguments of `layerpack build`: `['--extra', 'lambda', '--budget', '100MB']`.
   *
   * @default - none
   */
  readonly args?: string[];
}

const KNOWN = ['environment', 'buildArgs', 'assetExcludes', 'assetHash', 'assetHashType', 'executable', 'args'];

/** What options of the Docker-based construct are replaced by. */
const IN_PLACE: Record<string, string> = {
  image: 'nothing is built in an image; the wheels are made for the runtime that compatibleRuntimes names',
  commandHooks: 'run commands before the synth, for example in a script of package.json',
  outputPathSuffix: 'a layer has its packages in python/',
  poetryIncludeHashes: 'hashes of a lock are always enforced',
  poetryWithoutUrls: 'a lock is read as it is; indexes are set by environment or args',
  network: 'set a proxy by environment: HTTPS_PROXY',
};

/** Refuses options that have no effect here: nobody shall think that they have. */
export function refuseDockerOptions(options: BundlingOptions): void {
  for (const [name, value] of Object.entries(options)) {
    if (value !== undefined && !KNOWN.includes(name)) {
      const why = IN_PLACE[name] ?? 'it is an option of Docker, which is not used';
      throw new Error(`bundling.${name} has no effect with layerpack: ${why}`);
    }
  }
  if (options.assetHashType === AssetHashType.CUSTOM && options.assetHash === undefined) {
    throw new Error('bundling.assetHashType is CUSTOM, and there is no bundling.assetHash');
  }
}
