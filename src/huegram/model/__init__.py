"""Model files: one self-describing ONNX file each, read by ONNX Runtime."""
