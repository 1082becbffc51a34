/** AWS CDK constructs for Python Lambda layers, built by layerpack. */
export { BundlingOptions } from './bundling';
export { PythonLayerVersion, PythonLayerVersionProps } from './layer-version';
export { PythonLayerVersionSet, PythonLayerVersionSetProps } from './layer-version-set';
export { IPythonLayer, PythonLayerProps } from './props';
