package tables

import (
	"encoding/json"

	"github.com/jackc/pgx/v5"

	"github.com/smarticks/smarticks/conversation"
	"github.com/smarticks/smarticks/store/internal/pg"
)

// MessageColumns is the order that scanMessage expects; the table's alias is m.
const MessageColumns = `m.id, m.conversation_id, m.mailbox_id, m.kind, m.author_kind, m.author_id, m.from_address,
	m.to_addresses, m.cc_addresses, m.subject, m.body_text, m.body_html, m.message_id_header, m.in_reply_to,
	m.reference_ids, m.machine, m.problem, m.created_at, m.quotes, m.sender_name, m.sender_address, m.reply_to, m.envelope_from,
	m.authentication, m.claimed, m.text_gap, m.headers_gap, m.files_gap, m.imported, m.bcc_addresses`

// ScanMessage reads the columns of MessageColumns.
func ScanMessage(row pgx.Row) (conversation.Message, error) {
	var m conversation.Message
	var quotes []int32
	err := row.Scan(&m.ID, &m.ConversationID, &m.MailboxID, &m.Kind, &m.Author.Kind, &m.Author.ID, &m.From,
		&m.To, &m.Cc, &m.Subject, &m.Text, &m.HTML, &m.MessageIDHeader, &m.InReplyTo,
		&m.References, &m.Machine, &m.Problem, &m.CreatedAt, &quotes, &m.Sender.Name, &m.Sender.Address, &m.Sender.ReplyTo, &m.Sender.Envelope,
		&m.Sender.Authentication, &m.Sender.Claimed, &m.Gaps.Text, &m.Gaps.Headers, &m.Gaps.Files, &m.Imported, &m.Bcc)
	m.Quotes = SpansOf(quotes)
	return m, err
}

// SpansOf is the inverse of spanRow.
func SpansOf(row []int32) []conversation.Span {
	var spans []conversation.Span
	for i := 0; i+1 < len(row); i += 2 {
		spans = append(spans, conversation.Span{Start: int(row[i]), End: int(row[i+1])})
	}
	return spans
}

// spanRow is how spans are kept: the start and the end of each.
func spanRow(spans []conversation.Span) []int {
	row := []int{}
	for _, s := range spans {
		row = append(row, s.Start, s.End)
	}
	return row
}

// MessageRows are messages to be written, without attachments and header fields.
func MessageRows(messages []conversation.Message) []map[string]any {
	rows := make([]map[string]any, len(messages))
	for i, m := range messages {
		rows[i] = MessageRow(m, nil)
	}
	return rows
}

// MessageRow is a message to be written, with its headers.
func MessageRow(m conversation.Message, headers []conversation.Header) map[string]any {
	return map[string]any{
		"id": m.ID, "conversation_id": m.ConversationID, "mailbox_id": m.MailboxID, "kind": m.Kind,
		"author_kind": m.Author.Kind, "author_id": m.Author.ID, "from_address": m.From,
		"to_addresses": pg.List(m.To), "cc_addresses": pg.List(m.Cc), "subject": m.Subject, "body_text": m.Text, "body_html": m.HTML,
		"message_id_header": m.MessageIDHeader, "in_reply_to": pg.List(m.InReplyTo), "reference_ids": pg.List(m.References),
		"headers": headerRows(headers), "machine": m.Machine, "problem": m.Problem, "created_at": m.CreatedAt,
		"quotes": spanRow(m.Quotes), "sender_name": m.Sender.Name, "sender_address": m.Sender.Address, "reply_to": pg.List(m.Sender.ReplyTo),
		"envelope_from": m.Sender.Envelope, "authentication": m.Sender.Authentication, "claimed": m.Sender.Claimed,
		"text_gap": m.Gaps.Text, "headers_gap": m.Gaps.Headers, "files_gap": m.Gaps.Files, "imported": m.Imported,
		"bcc_addresses": pg.List(m.Bcc),
	}
}

func headerRows(headers []conversation.Header) [][2]string {
	rows := make([][2]string, len(headers))
	for i, h := range headers {
		rows[i] = [2]string{h.Name, h.Value}
	}
	return rows
}

// DecodeHeaders is the inverse of headerRows.
func DecodeHeaders(raw []byte) ([]conversation.Header, error) {
	var rows [][2]string
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	list := make([]conversation.Header, len(rows))
	for i, r := range rows {
		list[i] = conversation.Header{Name: r[0], Value: r[1]}
	}
	return list, nil
}

// DecodeAttachments reads the files of a message, without their content.
func DecodeAttachments(raw []byte) ([]conversation.Attachment, error) {
	var rows []struct {
		Name        string `json:"name"`
		ContentType string `json:"content_type"`
		Size        int64  `json:"size"`
		ContentID   string `json:"content_id"`
		Inline      bool   `json:"inline"`
	}
	if err := json.Unmarshal(raw, &rows); err != nil {
		return nil, err
	}
	var list []conversation.Attachment
	for _, r := range rows {
		list = append(list, conversation.Attachment{Name: r.Name, ContentType: r.ContentType, Size: r.Size, ContentID: r.ContentID,
			Inline: r.Inline})
	}
	return list, nil
}
