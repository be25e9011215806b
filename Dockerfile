# Builds the virtual environment and the index of seeds/, then leaves compilers and pip behind.
# Extras: docker build --build-arg EXTRAS=html .
FROM python:3.11-slim AS build
ARG EXTRAS=""
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
WORKDIR /src
RUN python -m venv /opt/searchsvc
COPY requirements.txt requirements-build.txt requirements-extras.txt ./
RUN /opt/searchsvc/bin/pip install --require-hashes --no-deps -r requirements-build.txt -r requirements.txt
COPY pyproject.toml README.md LICENSE ./
COPY searchsvc ./searchsvc
RUN /opt/searchsvc/bin/pip install --no-build-isolation --no-deps .
# Extras are chosen from a folder of wheels with the locked hashes, so that pip cannot find a newer release.
RUN if [ -n "$EXTRAS" ]; then \
        /opt/searchsvc/bin/pip wheel --require-hashes --no-deps --wheel-dir /wheels -r requirements-extras.txt && \
        /opt/searchsvc/bin/pip install --no-index --find-links /wheels "searchsvc[$EXTRAS]"; \
    fi && \
    /opt/searchsvc/bin/pip check
COPY seeds /srv/searchsvc/seeds
RUN /opt/searchsvc/bin/searchsvc --seeds /srv/searchsvc/seeds --index /srv/searchsvc/index rebuild

FROM python:3.11-slim
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin searchsvc
COPY --from=build /opt/searchsvc /opt/searchsvc
COPY --from=build --chown=10001:10001 /srv/searchsvc /srv/searchsvc
ENV PATH=/opt/searchsvc/bin:$PATH \
    PYTHONDONTWRITEBYTECODE=1 \
    PYTHONUNBUFFERED=1 \
    SEARCHSVC_HOST=0.0.0.0 \
    SEARCHSVC_PORT=8000
WORKDIR /srv/searchsvc
USER 10001
EXPOSE 8000
HEALTHCHECK --interval=15s --timeout=3s --start-period=10s \
    CMD ["python", "-c", "import urllib.request; urllib.request.urlopen('http://127.0.0.1:8000/readyz', timeout=2)"]
CMD ["sh", "-c", "searchsvc rebuild --if-needed; exec searchsvc serve"]
