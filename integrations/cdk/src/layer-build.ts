/**
 * The build behind a construct: what layerpack is asked for, run at most once and only where its result is needed.
 */
import * as fs from 'node:fs';
import * as os from 'node:os';
import * as path from 'node:path';
import { Stage } from 'aws-cdk-lib/core';
import { Construct, IConstruct } from 'constructs';
import { refuseDockerOptions } from './bundling';
import { copyOwnFiles, isSource } from './own-files';
import { build, BuiltLayer, Invocation, resolve, unnamedTarget, zipOf } from './program';
import { PythonLayerProps } from './props';
import { differences, distinct, label, product, runtimeNames, sameTarget, Target } from './targets';

/** The builds of the constructs of this package, for those that are on top of them. */
const builds = new WeakMap<IConstruct, LayerBuild>();

export class LayerBuild {
  private built: BuiltLayer[] | undefined;
  private readonly outDir: string;
  private readonly entry: string;
  private readonly runtimes: string[];
  private readonly arches: string[];

  public constructor(scope: Construct, id: string, private readonly props: PythonLayerProps) {
    refuseDockerOptions(props.bundling ?? {});
    this.entry = path.resolve(props.entry);
    if (!fs.existsSync(this.entry)) {
      throw new Error(`entry ${this.entry} does not exist: name the folder with requirements.txt or a lock in it`);
    }
    this.runtimes = runtimeNames(props.compatibleRuntimes ?? []);
    this.arches = distinct((props.compatibleArchitectures ?? []).map((architecture) => architecture.name));
    this.outDir = outputFolder(scope, id);
  }

  /** Makes this the build of a construct. */
  public remember(construct: IConstruct): void {
    builds.set(construct, this);
  }

  /** The targets that the properties name; none where they are left to layerpack.toml. */
  public get named(): Target[] {
    return product(this.runtimes, this.arches);
  }

  /** The folder that stands in for the layer in a stack that is not synthesized: nothing is built there. */
  public get placeholder(): string {
    return fs.statSync(this.entry).isDirectory() ? this.entry : path.dirname(this.entry);
  }

  /** The entry as messages name it: relative to the working directory where it lies there. */
  public get shownEntry(): string {
    const relative = path.relative(process.cwd(), this.entry);
    return relative === '' || relative.startsWith('..') || path.isAbsolute(relative) ? this.entry : relative;
  }

  /** The layer on each of its targets. */
  public get layers(): BuiltLayer[] {
    this.built ??= this.run();
    return this.built;
  }

  /** The zip for one target. */
  public zipFor(target: Target): string {
    const layer = this.layers.find((one) => sameTarget(one, target));
    if (layer === undefined) {
      const targets = this.layers.map(label).join(', ');
      throw new Error(`${this.shownEntry} is built for ${targets}, and the layer on top of it for ${label(target)}`);
    }
    return zipOf(layer).path;
  }

  /**
   * Refuses further runtimes and architectures for which other packages would be taken than those that were built.
   */
  public admits(runtimes: readonly string[], arches: readonly string[]): void {
    const further = product(
      distinct([...this.layers.map((layer) => layer.runtime), ...runtimes]),
      distinct([...this.layers.map((layer) => layer.arch), ...arches]),
    ).filter((target) => !this.layers.some((layer) => sameTarget(layer, target)));
    const invocation = this.invocation();
    for (const target of further) {
      const args = [...this.below(this.layers[0] ?? target), ...invocation.args];
      const resolved = resolve({ ...invocation, runtimes: [target.runtime], arches: [target.arch], args });
      const lines = differences([...this.layers.slice(0, 1), ...resolved]);
      if (lines.length > 0) {
        throw new Error(
          `the layer of ${this.shownEntry} cannot be declared for ${label(target)}: other packages are taken there\n` +
            lines.map((line) => `  ${line}`).join('\n'),
        );
      }
    }
  }

  private run(): BuiltLayer[] {
    const invocation = this.invocation();
    const isOnTop = (this.props.onTopOf ?? []).length > 0;
    const layers = isOnTop ? this.onTopOf(invocation) : build(invocation, this.outDir);
    const unnamed = unnamedTarget(layers);
    if (unnamed !== undefined) {
      throw new Error(
        `${this.shownEntry}: ${unnamed}\nSet compatibleRuntimes and compatibleArchitectures, or runtime and arch in ` +
          'layerpack.toml',
      );
    }
    return layers;
  }

  /** Target by target: each is on top of the zips for that target. The layers below name the targets, if nobody does. */
  private onTopOf(invocation: Invocation): BuiltLayer[] {
    const targetsBelow = (this.props.onTopOf ?? []).flatMap((layer) => buildOf(layer).layers);
    const [runtimes, arches] = [invocation.runtimes, invocation.arches];
    const targets = product(
      runtimes.length > 0 ? runtimes : distinct(targetsBelow.map((target) => target.runtime)),
      arches.length > 0 ? arches : distinct(targetsBelow.map((target) => target.arch)),
    );
    return targets.flatMap((target) => {
      const args = [...this.below(target), ...invocation.args];
      const one = { runtimes: [target.runtime], arches: [target.arch], args };
      return build({ ...invocation, ...one }, this.outDir);
    });
  }

  /** The arguments that name the layers below. */
  private below(target: Target): string[] {
    return (this.props.onTopOf ?? []).flatMap((layer) => ['--on-top-of', buildOf(layer).zipFor(target)]);
  }

  private invocation(): Invocation {
    const bundling = this.props.bundling ?? {};
    const ownFiles = copyOwnFiles(this.entry, path.join(this.outDir, 'own-files'), bundling.assetExcludes ?? []);
    // A folder with nothing but modules of its own is a layer too: the copy is then all there is to pack.
    const byItself = isSource(this.entry) || ownFiles === undefined;
    return {
      entry: byItself ? this.shownEntry : ownFiles,
      runtimes: this.runtimes,
      arches: this.arches,
      ownFiles: byItself && ownFiles !== undefined ? path.join(ownFiles, 'python') : undefined,
      environment: { ...bundling.buildArgs, ...bundling.environment },
      args: bundling.args ?? [],
      executable: bundling.executable,
    };
  }
}

function buildOf(construct: IConstruct): LayerBuild {
  const found = builds.get(construct);
  if (found === undefined) {
    throw new Error(
      `onTopOf names ${construct.node.path}, which layerpack did not build: for other layers give its zip by ` +
        "bundling.args: ['--on-top-of', 'layer.zip']",
    );
  }
  return found;
}

/** A place of the construct's own in cdk.out: what lies there from the last synth need not be built again. */
function outputFolder(scope: Construct, id: string): string {
  const root = scope.node.root;
  const folder = Stage.isStage(root) ? root.outdir : fs.mkdtempSync(path.join(os.tmpdir(), 'layerpack-'));
  const name = `${id.replace(/[^A-Za-z0-9_-]/g, '-')}-${scope.node.addr.slice(-12)}`;
  return path.join(folder, '.layerpack', name);
}
