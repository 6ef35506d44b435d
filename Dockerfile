FROM python:3.12-slim AS build
WORKDIR /src
COPY pyproject.toml README.md LICENSE ./
COPY ocpplab_runner ocpplab_runner
RUN python -m venv /opt/ocpplab && /opt/ocpplab/bin/pip install --no-cache-dir '.[gateway]'

FROM python:3.12-slim
COPY --from=build /opt/ocpplab /opt/ocpplab
ENV PATH="/opt/ocpplab/bin:$PATH" PYTHONDONTWRITEBYTECODE=1
WORKDIR /work
USER 65534
ENTRYPOINT ["ocpplab-runner"]
CMD ["--help"]
