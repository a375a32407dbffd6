# Maitred runs its TypeScript as it is: nothing is compiled, the first stage only installs what production needs.
FROM node:24-alpine AS install
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
# Without install scripts: the one that matters fetches Node itself, and this image is Node already.
RUN npm ci --omit=dev --ignore-scripts && rm -rf node_modules/node node_modules/.bin/node

FROM node:24-alpine
ENV NODE_ENV=production HOST=0.0.0.0 PORT=3000 DATA_DIR=/data
WORKDIR /app
RUN mkdir /data && chown node:node /data
COPY --from=install /app/node_modules node_modules
COPY package.json ./
COPY config config
COPY views views
COPY public public
COPY examples examples
COPY src src
USER node
VOLUME /data
EXPOSE 3000
ENTRYPOINT ["node", "--use-largepages=silent", "src/cli/maitred.js"]
CMD ["serve"]
