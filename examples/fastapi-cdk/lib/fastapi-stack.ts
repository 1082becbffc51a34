/** A FastAPI app behind an HTTP API, its packages in layers that layerpack builds. */
import * as path from 'node:path';
import { CfnOutput, Duration, Stack, StackProps } from 'aws-cdk-lib';
import { HttpApi } from 'aws-cdk-lib/aws-apigatewayv2';
import { HttpLambdaIntegration } from 'aws-cdk-lib/aws-apigatewayv2-integrations';
import { Architecture, Code, Function, Runtime } from 'aws-cdk-lib/aws-lambda';
import { Construct } from 'constructs';
import { PythonLayerVersion } from 'layerpack-cdk';
import { lambdaWebAdapter } from './lambda-web-adapter';

const SOURCES = path.join(__dirname, '..', 'src');

export class FastApiStack extends Stack {
  public constructor(scope: Construct, id: string, props?: StackProps) {
    super(scope, id, props);
    const runtime = Runtime.PYTHON_3_13;
    const architecture = Architecture.ARM_64;
    const target = { compatibleRuntimes: [runtime], compatibleArchitectures: [architecture] };

    const pypi = new PythonLayerVersion(this, 'PypiLayer', {
      entry: path.join(SOURCES, 'layers', 'pypi'),
      description: 'FastAPI and uvicorn',
      ...target,
    });
    // What our own wheels require is in the layer below, and is not packed a second time.
    const whl = new PythonLayerVersion(this, 'WhlLayer', {
      entry: path.join(SOURCES, 'layers', 'whl'),
      description: 'Wheels of our own',
      onTopOf: [pypi],
      ...target,
    });

    const app = new Function(this, 'App', {
      code: Code.fromAsset(path.join(SOURCES, 'app')),
      runtime,
      architecture,
      // The adapter's wrapper starts this script, and the adapter waits until the server in it answers.
      handler: 'run.sh',
      layers: [pypi, whl, lambdaWebAdapter(this, 'WebAdapterLayer', architecture)],
      memorySize: 512,
      timeout: Duration.seconds(15),
      environment: {
        AWS_LAMBDA_EXEC_WRAPPER: '/opt/bootstrap',
        AWS_LWA_PORT: '8000',
        // Both layers are unpacked there. Lambda's own bootstrap would add it, and the wrapper takes its place.
        PYTHONPATH: '/opt/python',
      },
    });

    const api = new HttpApi(this, 'Api', { defaultIntegration: new HttpLambdaIntegration('AppIntegration', app) });
    new CfnOutput(this, 'Url', { value: api.apiEndpoint });
  }
}
