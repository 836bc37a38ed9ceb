package mail

import "testing"

func TestParametersInEveryCharsetAreRead(t *testing.T) {
	tests := []struct{ value, want string }{
		{`attachment; filename="a b.pdf"`, "a b.pdf"},
		{`attachment; filename=a b.pdf`, "a b.pdf"},
		{`attachment; filename=report (1).pdf; size=3`, "report (1).pdf"},
		{`attachment; filename="C:\temp\x.doc"`, `C:\temp\x.doc`},
		{`attachment; filename="a\"b\\c.pdf"`, `a"b\c.pdf`},
		{`attachment; filename*=iso-8859-1''M%E4rz.pdf`, "März.pdf"},
		{`attachment; filename*=windows-1251'ru'%EE%F2%F7%E5%F2.pdf`, "отчет.pdf"},
		{`attachment; filename*=koi8-r''%CF%D4.pdf`, "от.pdf"},
		{`attachment; filename*=Shift_JIS''%82%B1.pdf`, "こ.pdf"},
		{`attachment; filename*=iso-2022-jp''%1B$B$3%1B(B.pdf`, "こ.pdf"},
		{`attachment; filename*=gb18030''%C4%E3.pdf`, "你.pdf"},
		{`attachment; filename*=big5''%A7A.pdf`, "你.pdf"},
		{`attachment; filename*=euc-kr''%B0%A1.pdf`, "가.pdf"},
		{`attachment; filename*=macintosh''%8A.pdf`, "ä.pdf"},
		{`attachment; filename*=cp850''%84.pdf`, "ä.pdf"},
		{`attachment; filename*=UTF-8''%e2%82%ac.pdf; filename="EUR.pdf"`, "€.pdf"},
		{`attachment; filename="EUR.pdf"; filename*=UTF-8''%e2%82%ac.pdf`, "€.pdf"},
		{`attachment; filename*0="long "; filename*1="name"; filename*2=.pdf`, "long name.pdf"},
		{`attachment; filename*1=b; filename*0=a; filename*10=d; filename*2=c`, "abcd"},
		{`attachment; filename*0*=utf-8''f%C3; filename*1*=%BCr; filename*2=".pdf"`, "für.pdf"},
		{`attachment; filename*0*=iso-8859-15''%A4; filename*1*=%E4.pdf`, "€ä.pdf"},
		{`attachment; filename*=M%41.pdf`, "MA.pdf"},
		{`attachment; filename*=''M%41.pdf`, "MA.pdf"},
		{`attachment; filename*=x-klingon''a%E4.pdf`, "a\uFFFD.pdf"},
		{`attachment; filename="=?utf-8?Q?M=C3=A4rz.pdf?="`, "März.pdf"},
		{`attachment; filename*0="=?utf-8?Q?M=C3"; filename*1="=A4rz.pdf?="`, "März.pdf"},
		{`attachment; filename==?utf-8?B?TcOkcnoucGRm?=`, "März.pdf"},
		{"attachment; filename=\"M\xe4rz.pdf\"", "März.pdf"},
		{`attachment; x="1" filename=a.pdf`, "a.pdf"},
		{`attachment (a comment); filename=a.pdf;;`, "a.pdf"},
		{`attachment; filename="a.pdf`, "a.pdf"},
		{`attachment; filename=a.pdf; filename=b.pdf`, "a.pdf"},
		{`attachment; filename`, ""},
	}
	for _, tt := range tests {
		kind, params := mediaTypeOr(tt.value, "")
		if got := (&reader{}).decodeHeader([]byte(params["filename"])); got != tt.want || kind != "attachment" {
			t.Errorf("%s: %s, %q, want %q", tt.value, kind, got, tt.want)
		}
	}
}

func TestABoundaryMayBeAParameterOfAnyShape(t *testing.T) {
	for _, boundary := range []string{
		`boundary=B`, `boundary="B"`, `boundary*=us-ascii''B`, `boundary*=iso-8859-1'en'%42`, `boundary*0=B; boundary*1=""`,
		`charset="utf-8" boundary=B`, `boundary=B (a comment)`, `boundary="B`,
	} {
		in := parse("From: ann@example.com\nContent-Type: multipart/mixed; " + boundary + "\n\npreamble\n--B\n\nhello\n--B--\n")
		if in.Text != "hello" || in.Problem != "" {
			t.Errorf("%s: text %q, problem %q", boundary, in.Text, in.Problem)
		}
	}
}
