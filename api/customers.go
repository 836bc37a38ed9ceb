package api

import (
	"context"
	"time"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// customerStore knows who writes to us. Customers are made with their first
// conversation.
type customerStore interface {
	Customer(ctx context.Context, who access.Caller, id conversation.CustomerID) (conversation.Customer, error)
	// Customers lists those whom the caller may read; with an address only the one
	// it belongs to.
	Customers(ctx context.Context, who access.Caller, email string, page conversation.Page) ([]conversation.Customer, error)
}

// Customer is a customer as callers see them.
type Customer struct {
	ID        conversation.CustomerID `json:"id"`
	FirstName string                  `json:"first_name"`
	LastName  string                  `json:"last_name"`
	Company   string                  `json:"company"`
	Phone     string                  `json:"phone"`
	Emails    []string                `json:"emails" doc:"The first is the one that replies go to."`
	CreatedAt time.Time               `json:"created_at"`
}

func showCustomer(c conversation.Customer) Customer {
	return Customer{c.ID, c.FirstName, c.LastName, c.Company, c.Phone, c.Emails, c.CreatedAt}
}

type customers struct{ store customerStore }

type customerFilter struct {
	PageInput
	Email string `query:"email" maxLength:"254" doc:"Only the customer with this address."`
}

func (h customers) list(ctx context.Context, who access.Caller, in *customerFilter) (page[Customer], error) {
	asked, err := in.page()
	if err != nil {
		return page[Customer]{}, err
	}
	found, err := h.store.Customers(ctx, who, in.Email, asked)
	return render(in.PageInput, found, func(c conversation.Customer) string { return string(c.ID) }, showCustomer), err
}

func (h customers) get(ctx context.Context, who access.Caller, in *ByID) (Customer, error) {
	c, err := h.store.Customer(ctx, who, conversation.CustomerID(in.ID))
	return showCustomer(c), err
}
