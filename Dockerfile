# The stand-alone server as an image of one static binary.
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /src
COPY . .
RUN cargo build --release --locked --package putevents-mock --bin putevents-mock --features cli,json-schema

FROM scratch
COPY --from=build /src/target/release/putevents-mock /putevents-mock
ENV PUTEVENTS_MOCK_LISTEN=0.0.0.0:4010
EXPOSE 4010
USER 65534:65534
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=10s --timeout=6s CMD ["/putevents-mock", "health"]
ENTRYPOINT ["/putevents-mock"]
CMD ["serve"]
