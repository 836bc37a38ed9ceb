package starter

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	enumspb "go.temporal.io/api/enums/v1"
	"go.temporal.io/api/operatorservice/v1"
	"go.temporal.io/api/serviceerror"
	"go.temporal.io/api/workflowservice/v1"
	"go.temporal.io/sdk/client"
	"google.golang.org/protobuf/types/known/durationpb"

	"github.com/smarticks/smarticks/workflows"
)

const (
	retention    = 30 * 24 * time.Hour // of closed Temporal workflows
	usableWithin = 90 * time.Second    // servers keep what they know of a namespace for up to a minute
	usableEvery  = 250 * time.Millisecond
	callTimeout  = 10 * time.Second // of one question to Temporal
)

// Prepare makes the namespace fit for us: it creates it when it is missing, with
// 30 days of retention, registers our search attributes, and returns when both
// can be used. Repeating it is safe, and several may do it at once.
//
// It returns an error that says what to do when a search attribute exists with
// another type, and when something is missing that it may not create itself, as
// on Temporal Cloud.
func Prepare(ctx context.Context, c client.Client, namespace string, logger *slog.Logger) error {
	if logger == nil {
		logger = slog.Default()
	}
	p := preparation{client: c, namespace: namespace, log: logger}
	if err := p.prepareNamespace(ctx); err != nil {
		return fmt.Errorf("prepare temporal namespace %q: %w", namespace, err)
	}
	if err := p.prepareAttributes(ctx); err != nil {
		return fmt.Errorf("prepare search attributes of temporal namespace %q: %w", namespace, err)
	}
	return nil
}

type preparation struct {
	client    client.Client
	namespace string
	log       *slog.Logger
}

func (p preparation) prepareNamespace(ctx context.Context) error {
	err := p.describe(ctx)
	var missing *serviceerror.NamespaceNotFound
	if !errors.As(err, &missing) {
		return err
	}
	err = p.createNamespace(ctx)
	var exists *serviceerror.NamespaceAlreadyExists
	switch {
	case notAllowed(err):
		return fmt.Errorf("it does not exist, and this client may not create it: create it by hand: %w", err)
	case err != nil && !errors.As(err, &exists):
		return err
	case err == nil:
		p.log.InfoContext(ctx, "temporal namespace created", "namespace", p.namespace)
	}
	return p.until(ctx, p.describe)
}

func (p preparation) createNamespace(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := p.client.WorkflowService().RegisterNamespace(ctx, &workflowservice.RegisterNamespaceRequest{
		Namespace:                        p.namespace,
		Description:                      "SMARTICKS workflows",
		WorkflowExecutionRetentionPeriod: durationpb.New(retention),
	})
	return err
}

func (p preparation) describe(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := p.client.WorkflowService().DescribeNamespace(ctx, &workflowservice.DescribeNamespaceRequest{Namespace: p.namespace})
	return err
}

func (p preparation) prepareAttributes(ctx context.Context) error {
	var known map[string]enumspb.IndexedValueType
	err := p.until(ctx, func(ctx context.Context) (err error) {
		known, err = p.list(ctx)
		return err
	})
	if notAllowed(err) {
		// No operator API: see whether somebody has registered them.
		p.log.InfoContext(ctx, "temporal does not say which search attributes it knows, trying them")
		if err := p.usable(ctx); err != nil {
			return fmt.Errorf("register them by hand (%s): %w", wanted(), err)
		}
		return nil
	}
	if err != nil {
		return err
	}
	if err := p.register(ctx, known); err != nil {
		return err
	}
	return p.until(ctx, p.usable)
}

// register adds what is missing. The server ignores a wrong type silently, so
// that all are compared afterwards.
func (p preparation) register(ctx context.Context, known map[string]enumspb.IndexedValueType) error {
	missing := map[string]enumspb.IndexedValueType{}
	for _, key := range workflows.SearchAttributeKeys() {
		if _, ok := known[key.GetName()]; !ok {
			missing[key.GetName()] = key.GetValueType()
		}
	}
	if len(missing) > 0 {
		err := p.until(ctx, func(ctx context.Context) error {
			ctx, cancel := context.WithTimeout(ctx, callTimeout)
			defer cancel()
			_, err := p.client.OperatorService().AddSearchAttributes(ctx, &operatorservice.AddSearchAttributesRequest{
				Namespace: p.namespace, SearchAttributes: missing,
			})
			return err
		})
		var exists *serviceerror.AlreadyExists
		switch {
		case notAllowed(err):
			return fmt.Errorf("some are missing, and this client may not register them: register them by hand (%s): %w", wanted(), err)
		case err != nil && !errors.As(err, &exists):
			return err
		}
		p.log.InfoContext(ctx, "temporal search attributes registered", "count", len(missing))
	}
	return p.until(ctx, p.compare)
}

// compare returns an error when one is missing or has another type.
func (p preparation) compare(ctx context.Context) error {
	known, err := p.list(ctx)
	if err != nil {
		return err
	}
	for _, key := range workflows.SearchAttributeKeys() {
		is, ok := known[key.GetName()]
		if !ok {
			return notYet{fmt.Errorf("%s is not registered", key.GetName())}
		}
		if is != key.GetValueType() {
			return fmt.Errorf("%s is registered as %v, and must be %v: remove it, or use another namespace",
				key.GetName(), is, key.GetValueType())
		}
	}
	return nil
}

func (p preparation) list(ctx context.Context) (map[string]enumspb.IndexedValueType, error) {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	known, err := p.client.OperatorService().ListSearchAttributes(ctx,
		&operatorservice.ListSearchAttributesRequest{Namespace: p.namespace})
	return known.GetCustomAttributes(), err
}

// usable asks for something that only works when the servers know all of them.
func (p preparation) usable(ctx context.Context) error {
	ctx, cancel := context.WithTimeout(ctx, callTimeout)
	defer cancel()
	_, err := p.client.WorkflowService().CountWorkflowExecutions(ctx, &workflowservice.CountWorkflowExecutionsRequest{
		Namespace: p.namespace, Query: probe(),
	})
	var invalid *serviceerror.InvalidArgument
	if errors.As(err, &invalid) {
		return notYet{err}
	}
	return err
}

// notYet is an error that time may heal.
type notYet struct{ error }

// until calls try until it succeeds or fails in a way that time does not heal.
func (p preparation) until(ctx context.Context, try func(context.Context) error) error {
	ctx, cancel := context.WithTimeout(ctx, usableWithin)
	defer cancel()
	for {
		err := try(ctx)
		var missing *serviceerror.NamespaceNotFound
		if err == nil || !errors.As(err, new(notYet)) && !errors.As(err, &missing) {
			return err
		}
		sleep(ctx, usableEvery)
		if ctx.Err() != nil {
			return err
		}
	}
}

// notAllowed reports whether the server does not offer the call, or not to us.
func notAllowed(err error) bool {
	var denied *serviceerror.PermissionDenied
	var unimplemented *serviceerror.Unimplemented
	return errors.As(err, &denied) || errors.As(err, &unimplemented)
}
