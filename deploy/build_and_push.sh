#!/usr/bin/env bash
# Build the worker's image and push it: deploy/build_and_push.sh registry.example/me/ergo-worker [TAG]
set -euo pipefail
cd "$(dirname "$0")/.."

image=${1:?usage: deploy/build_and_push.sh IMAGE [TAG]}
tag=${2:-$(git rev-parse --short=12 HEAD)}

if [[ -z ${2:-} && -n $(git status --porcelain -- ergo gpu_worker assets Dockerfile) ]]; then
    echo "There are changes that no commit holds; commit them, or name a tag." >&2
    exit 1
fi

docker build --platform linux/amd64 --pull --tag "$image:$tag" .
docker run --rm --entrypoint python "$image:$tag" -c "import ergo.jobs.worker, gpu_worker.handler, runpod, mediapipe, torch"
docker push "$image:$tag"
echo "Put $image:$tag into the endpoint's template (docs/deployment.md)."
