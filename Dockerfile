# Directline as an image, without root and with everything it installs pinned by hash.
#   docker build --tag directline .
#   docker run --publish 8080:8080 --volume directline:/data directline
# BASE may be any image with Python 3.11 or newer and pip.
ARG BASE=python:3.13-slim-bookworm

FROM ${BASE} AS build
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_NO_CACHE=1 UV_PYTHON_DOWNLOADS=never UV_SYSTEM_CERTS=1
RUN python3 -m pip install --no-cache-dir --target /opt/uv 'uv>=0.13,<0.14'
ENV PATH=/opt/uv/bin:$PATH VIRTUAL_ENV=/app/.venv
RUN uv venv --python python3 /app/.venv
WORKDIR /source
COPY requirements.lock requirements-runtime.lock ./
RUN uv pip sync --require-hashes requirements-runtime.lock
COPY pyproject.toml README.md ./
COPY alerts alerts
COPY dispatch dispatch
COPY service service
COPY clients clients
RUN uv pip install --no-deps --build-constraints requirements.lock .

FROM ${BASE}
RUN useradd --uid 10001 --user-group --no-create-home --home-dir /data --shell /usr/sbin/nologin directline \
    && install --directory --owner directline --group directline --mode 0700 /data
COPY --from=build /app/.venv /app/.venv
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 DIRECTLINE_HOST=0.0.0.0
USER 10001:10001
WORKDIR /data
VOLUME /data
EXPOSE 8080
HEALTHCHECK --interval=10s --timeout=3s --start-period=10s CMD ["python", "-c", \
    "import os, urllib.request as web; web.urlopen('http://127.0.0.1:' + os.environ.get('DIRECTLINE_PORT', '8080') + '/healthz', timeout=2)"]
CMD ["directline", "serve"]
