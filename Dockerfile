# The worker for RunPod's serverless GPUs. Build it from this folder: deploy/build_and_push.sh IMAGE
# The licensed SMPL-X files are never part of the image: set ERGO_SMPLX_URI to a folder of a private bucket, or put them
# on a network volume and set ERGO_SMPLX_DIR.

FROM nvidia/cuda:12.8.1-base-ubuntu24.04 AS base
# Ubuntu takes superseded versions off its servers, so only the release is pinned.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install -y --no-install-recommends ca-certificates python3.12 libgl1 libglib2.0-0t64 libegl1 libgles2 \
    && rm -rf /var/lib/apt/lists/*

FROM base AS packages
# hadolint ignore=DL3008
RUN apt-get update && apt-get install -y --no-install-recommends python3.12-venv && rm -rf /var/lib/apt/lists/*
COPY gpu_worker/requirements.txt /build/requirements.txt
# PyTorch's wheel of this version brings the CUDA libraries it needs.
RUN python3.12 -m venv /opt/venv \
    && /opt/venv/bin/pip install --no-cache-dir --disable-pip-version-check -r /build/requirements.txt

FROM base AS worker
RUN useradd --create-home --uid 10001 ergo
COPY --from=packages /opt/venv /opt/venv
COPY ergo /app/ergo
COPY gpu_worker /app/gpu_worker
COPY assets/body /app/assets/body
COPY assets/models /app/assets/models
RUN /opt/venv/bin/python -m compileall -q /app/ergo /app/gpu_worker
ENV PATH=/opt/venv/bin:$PATH PYTHONPATH=/app PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1 ERGO_DATA_DIR=/tmp/ergo
USER 10001
# The SDK notes the jobs it is at in its working directory.
WORKDIR /home/ergo
CMD ["python", "-m", "gpu_worker.handler"]
