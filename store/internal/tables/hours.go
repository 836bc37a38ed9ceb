package tables

import (
	"encoding/json"
	"fmt"

	"github.com/smarticks/smarticks/conversation"
)

// HoursColumn is business hours as the column hours keeps them.
type HoursColumn struct{ *conversation.BusinessHours }

// storedHours is the JSON of the column.
type storedHours struct {
	Days     [7][][2]int `json:"days,omitzero"`
	Holidays []string    `json:"holidays,omitempty"`
}

// Scan implements sql.Scanner.
func (h HoursColumn) Scan(value any) error {
	var raw []byte
	switch v := value.(type) {
	case string:
		raw = []byte(v)
	case []byte:
		raw = v
	default:
		return fmt.Errorf("store: business hours are %T", value)
	}
	var s storedHours
	if err := json.Unmarshal(raw, &s); err != nil {
		return err
	}
	*h.BusinessHours = conversation.BusinessHours{Holidays: s.Holidays}
	for day, list := range s.Days {
		for _, i := range list {
			h.Days[day] = append(h.Days[day], conversation.Interval{From: i[0], To: i[1]})
		}
	}
	return nil
}

// EncodeHours returns the JSON of the column.
func EncodeHours(b conversation.BusinessHours) string {
	s := storedHours{Holidays: b.Holidays}
	for day, list := range b.Days {
		for _, i := range list {
			s.Days[day] = append(s.Days[day], [2]int{i.From, i.To})
		}
	}
	out, err := json.Marshal(s)
	if err != nil {
		panic(err) // numbers and strings always encode
	}
	return string(out)
}
