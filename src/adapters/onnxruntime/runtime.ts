/**
 * ONNX Runtime's published builds report every process and model to their maker, and keep a database of it in the
 * user's folder. `ORT_DISABLE_TELEMETRY=1` is their documented way to say no; it counts only before they are loaded,
 * so that nothing else may import the package.
 */
process.env['ORT_DISABLE_TELEMETRY'] = '1';

export const { InferenceSession, Tensor } = await import('onnxruntime-node');
