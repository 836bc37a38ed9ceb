package app

import (
	"context"
	"net/http"

	"github.com/prometheus/client_golang/prometheus"
	"github.com/prometheus/client_golang/prometheus/collectors"
	"github.com/prometheus/client_golang/prometheus/promhttp"
	"go.opentelemetry.io/otel/attribute"
	otelprometheus "go.opentelemetry.io/otel/exporters/prometheus"
	otelmetric "go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.temporal.io/sdk/client"
	temporalotel "go.temporal.io/sdk/contrib/opentelemetry"

	"github.com/smarticks/smarticks/conversation"
)

// meters makes the instruments of what is measured.
type meters struct{ provider *metric.MeterProvider }

// newMetrics gives the meters, and what serves them with those of the process as
// /metrics.
func newMetrics() (meters, http.Handler, error) {
	registry := prometheus.NewRegistry()
	registry.MustRegister(collectors.NewGoCollector(), collectors.NewProcessCollector(collectors.ProcessCollectorOpts{}))
	exporter, err := otelprometheus.New(otelprometheus.WithRegisterer(registry))
	if err != nil {
		return meters{}, nil, err
	}
	return meters{metric.NewMeterProvider(metric.WithReader(exporter))}, promhttp.HandlerFor(registry, promhttp.HandlerOpts{}), nil
}

// temporal is what the Temporal SDK measures with.
func (m meters) temporal() client.MetricsHandler {
	return temporalotel.NewMetricsHandler(temporalotel.MetricsHandlerOptions{Meter: m.provider.Meter("temporal-sdk-go")})
}

// reconciler tells the metrics what each pass of the reconciler found. The figures
// are of the newest pass that this process made; the sum only grows, so that an
// alarm on it misses none.
func (m meters) reconciler() (func(conversation.ReconcilePass), error) {
	meter := m.provider.Meter("smarticks")
	found, err := meter.Int64Gauge("smarticks_reconcile_found",
		otelmetric.WithDescription("What the newest pass of the reconciler found left lying."))
	if err != nil {
		return nil, err
	}
	sum, err := meter.Int64Counter("smarticks_reconcile_found_sum",
		otelmetric.WithDescription("What all passes found left lying. Zero is the normal figure."))
	if err != nil {
		return nil, err
	}
	return func(p conversation.ReconcilePass) {
		ctx := context.Background()
		for kind, n := range map[string]int{"overdue": p.Overdue, "unhandled": p.Unhandled, "undelivered": p.Undelivered} {
			labels := otelmetric.WithAttributes(attribute.String("kind", kind))
			found.Record(ctx, int64(n), labels)
			sum.Add(ctx, int64(n), labels)
		}
	}, nil
}

// retention counts what is removed because it was kept long enough.
func (m meters) retention() (func(conversation.Forgotten), error) {
	removed, err := m.provider.Meter("smarticks").Int64Counter("smarticks_retention_removed",
		otelmetric.WithDescription("What was removed because it was kept long enough."))
	if err != nil {
		return nil, err
	}
	return func(f conversation.Forgotten) {
		for kind, n := range map[string]int{"explanations": f.Explanations, "attempts": f.Attempts, "raw_mails": f.RawMails, "audit": f.Audit} {
			removed.Add(context.Background(), int64(n), otelmetric.WithAttributes(attribute.String("kind", kind)))
		}
	}, nil
}

// limited counts what limits kept back of automatic mail.
func (m meters) limited() (func(conversation.MailLimitKind), error) {
	kept, err := m.provider.Meter("smarticks").Int64Counter("smarticks_mail_limited",
		otelmetric.WithDescription("How often a limit kept automatic mail back."))
	if err != nil {
		return nil, err
	}
	return func(kind conversation.MailLimitKind) {
		kept.Add(context.Background(), 1, otelmetric.WithAttributes(attribute.String("limit", string(kind))))
	}, nil
}
