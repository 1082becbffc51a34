/** Lambda Web Adapter's layer, which AWS publishes: it hands a function's events to a web server as HTTP requests. */
import { Aws, Stack, Token } from 'aws-cdk-lib';
import { Architecture, ILayerVersion, LayerVersion } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';

/** The layer's version with Lambda Web Adapter 1.1.0: the one place to change it. Its release notes name the number. */
const LAYER_VERSION = 30;

/** The account that publishes the layer, in every region of the partition `aws`. */
const PUBLISHER = '753240598075';

/** The adapter's layer for an architecture, in the region of the stack. */
export function lambdaWebAdapter(scope: Construct, id: string, architecture: Architecture): ILayerVersion {
  const { region } = Stack.of(scope);
  if (!Token.isUnresolved(region) && region.startsWith('cn-')) {
    throw new Error(`In ${region} the adapter's layer has another account and version: name its ARN here`);
  }
  const name = architecture === Architecture.ARM_64 ? 'LambdaAdapterLayerArm64' : 'LambdaAdapterLayerX86';
  const arn = `arn:${Aws.PARTITION}:lambda:${region}:${PUBLISHER}:layer:${name}:${LAYER_VERSION}`;
  return LayerVersion.fromLayerVersionArn(scope, id, arn);
}
