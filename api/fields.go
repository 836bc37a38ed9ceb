package api

import (
	"context"
	"errors"
	"strconv"
	"time"

	"github.com/danielgtaylor/huma/v2"
	json "github.com/go-json-experiment/json"

	"github.com/smarticks/smarticks/access"
	"github.com/smarticks/smarticks/conversation"
)

// fieldStore keeps the custom fields. What the caller may not see is
// errs.NotFound.
type fieldStore interface {
	Fields(ctx context.Context, who access.Caller, mailbox conversation.MailboxID) ([]conversation.Field, error)
	Field(ctx context.Context, who access.Caller, id conversation.FieldID) (conversation.Field, error)
	CreateField(ctx context.Context, who access.Caller, f conversation.Field) (conversation.Field, error)
	ChangeField(ctx context.Context, who access.Caller, id conversation.FieldID, ch conversation.FieldChange) (conversation.Field, error)
	DeleteField(ctx context.Context, who access.Caller, id conversation.FieldID) error
}

// Field is a custom field as callers see it.
type Field struct {
	ID        conversation.FieldID   `json:"id"`
	MailboxID conversation.MailboxID `json:"mailbox_id"`
	Name      string                 `json:"name" doc:"Never changes: workflows name it as field.NAME."`
	Label     string                 `json:"label"`
	Type      conversation.FieldType `json:"type" enum:"dropdown,text,long_text,number,date,checkbox" doc:"Never changes."`
	Options   []string               `json:"options" doc:"Of a dropdown."`
	CreatedAt time.Time              `json:"created_at"`
	revision  int64
}

func (f Field) entity() (int64, any) {
	return f.revision, f
}

func showField(f conversation.Field) Field {
	out := Field{ID: f.ID, MailboxID: f.MailboxID, Name: f.Name, Label: f.Label, Type: f.Type, Options: []string{}, CreatedAt: f.CreatedAt,
		revision: f.Revision}
	out.Options = append(out.Options, f.Options...)
	return out
}

type fields struct{ store fieldStore }

type fieldList struct {
	PageInput
	MailboxID string `query:"mailbox_id" required:"true"`
}

func (h fields) list(ctx context.Context, who access.Caller, in *fieldList) (page[Field], error) {
	found, err := h.store.Fields(ctx, who, conversation.MailboxID(in.MailboxID))
	if err != nil {
		return page[Field]{}, err
	}
	return renderPart(in.PageInput, found, func(f conversation.Field) string { return string(f.ID) }, showField)
}

type newField struct {
	Body struct {
		MailboxID conversation.MailboxID `json:"mailbox_id"`
		Name      string                 `json:"name" minLength:"1" maxLength:"50" doc:"Letters, digits, spaces, hyphens and underscores; unique in the mailbox."`
		Label     string                 `json:"label,omitempty" maxLength:"100"`
		Type      conversation.FieldType `json:"type" enum:"dropdown,text,long_text,number,date,checkbox"`
		Options   []string               `json:"options,omitempty" maxItems:"200"`
	}
}

func (h fields) create(ctx context.Context, who access.Caller, in *newField) (Field, error) {
	b := in.Body
	f, err := h.store.CreateField(ctx, who, conversation.Field{MailboxID: b.MailboxID, Name: b.Name, Label: b.Label, Type: b.Type,
		Options: b.Options})
	return showField(f), err
}

func (h fields) get(ctx context.Context, who access.Caller, in *ByID) (Field, error) {
	f, err := h.store.Field(ctx, who, conversation.FieldID(in.ID))
	return showField(f), err
}

type fieldPatch struct {
	ByID
	Body struct {
		Label   *string   `json:"label,omitempty" maxLength:"100"`
		Options *[]string `json:"options,omitempty" maxItems:"200" doc:"All of them; those that are there stay."`
	}
}

func (h fields) patch(ctx context.Context, who access.Caller, in *fieldPatch) (Field, error) {
	f, err := h.store.ChangeField(ctx, who, conversation.FieldID(in.ID),
		conversation.FieldChange{Label: in.Body.Label, Options: in.Body.Options})
	return showField(f), err
}

func (h fields) remove(ctx context.Context, who access.Caller, in *ByID) error {
	return h.store.DeleteField(ctx, who, conversation.FieldID(in.ID))
}

// fieldValue is the value of a custom field as it may be written: a text, a
// number, true or false, or null.
type fieldValue string

// UnmarshalJSON takes one of them.
func (v *fieldValue) UnmarshalJSON(text []byte) error {
	var value any
	if err := json.Unmarshal(text, &value); err != nil {
		return err
	}
	switch value := value.(type) {
	case nil:
		*v = ""
	case string:
		*v = fieldValue(value)
	case float64:
		*v = fieldValue(strconv.FormatFloat(value, 'f', -1, 64))
	case bool:
		*v = fieldValue(strconv.FormatBool(value))
	default:
		return errors.New("the value of a field is a text, a number, true, false or null")
	}
	return nil
}

// Schema says the same to huma.
func (fieldValue) Schema(huma.Registry) *huma.Schema {
	return &huma.Schema{AnyOf: []*huma.Schema{
		{Type: huma.TypeString, MaxLength: limit(conversation.MaxFieldLongText)}, {Type: huma.TypeNumber}, {Type: huma.TypeBoolean},
		{Type: "null"},
	}}
}

func limit(n int) *int { return &n }

func writtenFields(values map[string]fieldValue) map[string]string {
	out := make(map[string]string, len(values))
	for name, v := range values {
		out[name] = string(v)
	}
	return out
}
