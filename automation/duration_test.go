package automation

import (
	"reflect"
	"strings"
	"testing"
	"time"
)

func TestDurations(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		written string
		want    time.Duration
		words   string // of the problem
	}{
		{"1s", time.Second, ""},
		{"90s", 90 * time.Second, ""},
		{"30m", 30 * time.Minute, ""},
		{"8h", 8 * time.Hour, ""},
		{"3d", 72 * time.Hour, ""},
		{"007d", 7 * 24 * time.Hour, ""},
		{"3650d", MaxDuration, ""},
		{"3651d", 0, "too long"},
		{"99999999999999999999s", 0, "too long"},
		{"0s", 0, "at least 1s"},
		{"4bh", 0, "not a duration"},
		{"2bd", 0, "not a duration"},
		{"", 0, "not a duration"},
		{"h", 0, "not a duration"},
		{"1", 0, "not a duration"},
		{"-1h", 0, "not a duration"},
		{"+1h", 0, "not a duration"},
		{"1.5h", 0, "not a duration"},
		{"1h30m", 0, "not a duration"},
		{"1 h", 0, "not a duration"},
		{"1H", 0, "not a duration"},
		{"100ms", 0, "not a duration"},
		{"٣d", 0, "not a duration"},
	} {
		t.Run(c.written, func(t *testing.T) {
			t.Parallel()
			got, problem := ParseDuration(c.written)
			if got != c.want || (problem == "") != (c.words == "") || !strings.Contains(problem, c.words) {
				t.Errorf("%v, %q; want %v, %q", got, problem, c.want, c.words)
			}
			if problem != "" {
				return
			}
			if back, _ := ParseDuration(FormatDuration(got)); back != got {
				t.Errorf("formatted %s, which is %v", FormatDuration(got), back)
			}
		})
	}
}

func TestScaleShrinksEveryDuration(t *testing.T) {
	t.Parallel()
	d := definition(cond("waiting_since", "longer_than", "24h"), cond("created", "in_the_last", "3d"),
		cond("created", "not_in_the_last", "90s"), cond("subject", "is", "24h"),
		cond("waiting_since", "longer_than", "4bh"), cond("last_agent_reply", "not_in_the_last", "2bd"),
		cond("field.Renews on", "in_the_next", "7d"))
	before := clone(d)
	for _, c := range []struct {
		factor float64
		want   []string
	}{
		{1, []string{"24h", "3d", "90s", "24h", "4bh", "2bd", "7d"}},
		{3600, []string{"24s", "72s", "1s", "24h", "4s", "48s", "168s"}},
		{8640, []string{"10s", "30s", "1s", "24h", "2s", "20s", "70s"}},
		{0.5, []string{"2d", "6d", "3m", "24h", "8h", "4d", "14d"}},
		{1e18, []string{"1s", "1s", "1s", "24h", "1s", "1s", "1s"}},
		{1e-18, []string{"3650d", "3650d", "3650d", "24h", "3650d", "3650d", "3650d"}},
		{0, []string{"24h", "3d", "90s", "24h", "4bh", "2bd", "7d"}},
	} {
		got := Scale(d, c.factor)
		for i, want := range c.want {
			if v := got.Conditions[i].Any[0].Value; v != want {
				t.Errorf("by %v: %v, want %v", c.factor, v, want)
			}
		}
		compiled(t, got)
	}
	if !reflect.DeepEqual(d, before) {
		t.Error("the definition itself was changed")
	}
}
