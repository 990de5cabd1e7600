@echo off
rem Build the worker's image and push it: deploy\build_and_push.bat registry.example/me/ergo-worker [TAG]
setlocal
cd /d "%~dp0.."

if "%~1"=="" (
    echo usage: deploy\build_and_push.bat IMAGE [TAG] 1>&2
    exit /b 1
)
set "image=%~1"
set "tag=%~2"
if "%tag%"=="" for /f %%i in ('git rev-parse --short^=12 HEAD') do set "tag=%%i"

docker build --platform linux/amd64 --pull --tag "%image%:%tag%" . || exit /b 1
docker run --rm --entrypoint python "%image%:%tag%" -c "import ergo.jobs.worker, gpu_worker.handler, runpod, mediapipe, torch" || exit /b 1
docker push "%image%:%tag%" || exit /b 1
echo Put %image%:%tag% into the endpoint's template (docs/deployment.md).
