# One image for all roles; the role is the command.
FROM golang:1.26.8-bookworm AS build
WORKDIR /src
COPY go.mod go.sum ./
RUN go mod download
COPY . .
RUN CGO_ENABLED=0 go build -buildvcs=false -trimpath -ldflags="-s -w" -o /smarticks ./cmd/smarticks

# Slim rather than empty: the health checks need curl.
FROM debian:12.12-slim
RUN apt-get update \
	&& apt-get install -y --no-install-recommends ca-certificates curl tzdata \
	&& rm -rf /var/lib/apt/lists/* \
	&& useradd --system --uid 10001 --no-create-home --shell /usr/sbin/nologin smarticks
COPY --from=build /smarticks /usr/local/bin/smarticks
USER 10001:10001
ENTRYPOINT ["smarticks"]
CMD ["version"]
