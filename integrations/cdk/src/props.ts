/** The properties that the constructs share. */
import * as lambda from 'aws-cdk-lib/aws-lambda';
import { IConstruct } from 'constructs';
import { BundlingOptions } from './bundling';

/** A construct of this package, which others can be on top of. */
export interface IPythonLayer extends IConstruct {}

/** Properties of a layer that layerpack builds. */
export interface PythonLayerProps extends lambda.LayerVersionOptions {
  /**
   * The folder of the layer: a requirements.txt, a lock or local wheels, and modules of its own. Or a requirements file.
   */
  readonly entry: string;

  /**
   * The runtimes to build for, and to declare.
   *
   * @default - those that layerpack.toml names; an error where it names none
   */
  readonly compatibleRuntimes?: lambda.Runtime[];

  /**
   * The architectures to build for, and to declare.
   *
   * @default - those that layerpack.toml names; an error where it names none
   */
  readonly compatibleArchitectures?: lambda.Architecture[];

  /**
   * Layers that lie below this one in the function: their packages are not packed again, their versions are kept, and
   * their weight counts.
   *
   * @default - none
   */
  readonly onTopOf?: IPythonLayer[];

  /**
   * How the layer is built.
   *
   * @default - the defaults of each option
   */
  readonly bundling?: BundlingOptions;
}
