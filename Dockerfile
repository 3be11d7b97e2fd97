# The platform with Java and pyspark: for the driver, and for executors, which need the environment of the driver.
# docker build --tag cdp . && docker run --rm --volume cdp:/home/cdp cdp cdp demo
FROM python:3.11-slim-bookworm
RUN apt-get update \
    && apt-get install --yes --no-install-recommends make openjdk-17-jre-headless \
    && rm -rf /var/lib/apt/lists/*
WORKDIR /opt/cdp
COPY Makefile pyproject.toml requirements.txt requirements-spark.txt README.md LICENSE ./
COPY cdp_orchestration cdp_orchestration
COPY dbt_project dbt_project
COPY expectations expectations
COPY identity identity
RUN make setup-spark
RUN useradd --create-home cdp && chown --recursive cdp dbt_project
USER cdp
ENV PATH=/opt/cdp/.venv/bin:$PATH CDP_HOME=/home/cdp/.cdp PYSPARK_PYTHON=/opt/cdp/.venv/bin/python
VOLUME /home/cdp
CMD ["cdp", "--help"]
