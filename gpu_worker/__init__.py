"""The worker on RunPod's serverless GPUs. Only this package knows the SDK."""
