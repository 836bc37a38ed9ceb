package mail

import (
	"slices"
	"strings"
	"unicode"
)

// How mail programs announce a quote, in lower case, by language. Where the verb ends
// the sentence or stands within it, the sentence ends with a colon.
var (
	announcingVerbs = []string{
		"wrote", "writes", "said", "schrieb", "geschrieben", "schreibt", "a écrit", "ecrit", "écrit", "escribió", "escribio", "ha escrito",
		"ha scritto",
		"scrisse", "scrive", "schreef", "heeft geschreven", "escreveu", "napisał", "napisała", "napisał(a)", "napisal", "pisze", "napsal",
		"napsala",
		"napsal(a)", "napísal", "napísala", "skrev", "kirjoitti", "написал", "написала", "написал(а)", "пишет", "пише", "написав", "írta",
		"yazdı", "a scris",
		"έγραψε", "のメール", "書きました", "書き込みました", "からのメール", "のメッセージ", "写道", "寫道", "写到", "來信", "来信", "작성", "님이 씀",
	}
	// announcingNouns begin such a sentence, as Horde's do, before whoever wrote.
	announcingNouns = []string{
		"quoting ", "zitat von ", "citation de ", "citando ", "citazione di ", "citaat van ", "citat från ", "citat fra ", "cytowanie ",
		"citace ", "цитирование ",
	}
	announcingBegins = []string{
		"on ", "at ", "am ", "le ", "el ", "il ", "op ", "em ", "no dia ", "a ", "w dniu ", "dne ", "dňa ", "den ", "på ", "le ", "in data ",
		"il giorno ",
		"mon", "tue", "wed", "thu", "fri", "sat", "sun", "mo", "di", "mi", "do", "fr", "sa", "so", "lun", "mar", "mer", "jeu", "ven", "sam",
		"dim",
		"pon", "wt", "śr", "czw", "pt", "sob", "niedz", "po", "út", "st", "čt", "pá", "so", "ne", "må", "ti", "on", "to", "fre", "lør", "lör",
		"søn", "sön", "man", "tir",
		"ons", "tor", "ma", "ke", "pe", "la", "su", "пн", "вт", "ср", "чт", "пт", "сб", "вс",
	}
)

// announces reports whether a sentence right above a quote announces it: it ends as a
// sentence that continues below does, and names an address or a time, or says who wrote.
func announces(s string) bool {
	if !endsOpen(s) {
		return false
	}
	s = strings.ToLower(strings.Trim(s, "*_ \t"))
	digits := strings.ContainsFunc(s, unicode.IsDigit)
	switch {
	case strings.Contains(s, "@"):
		return digits || hasVerb(s) || slices.ContainsFunc(announcingNouns, func(n string) bool { return strings.HasPrefix(s, n) })
	case digits && hasTime(s) && beginsAnnouncing(s):
		return true
	}
	words := len(strings.Fields(s))
	return hasVerb(s) && (words <= 6 || words <= 12 && hasYear(s))
}

// continues reports whether a line above another one that announces a quote is the
// beginning of the same sentence.
func continues(line string) bool {
	s := strings.ToLower(line)
	digits := strings.ContainsFunc(s, unicode.IsDigit)
	return strings.Contains(s, "@") && strings.Contains(s, "<") || digits && !endsOpen(s) && (beginsAnnouncing(s) || hasVerb(s))
}

// announcesBySentence is announces where nothing below is marked as quoted: the verb
// must be there, with a time and whoever wrote.
func announcesBySentence(s string) bool {
	if !endsOpen(s) || !hasTime(s) {
		return false
	}
	s = strings.ToLower(strings.Trim(s, "*_ \t"))
	return hasVerb(s) && (strings.Contains(s, "@") || beginsAnnouncing(s))
}

func beginsWithDigit(s string) bool { return s != "" && '0' <= s[0] && s[0] <= '9' }

// endsOpen reports whether a sentence ends with a colon, or as Zoho's do with dashes.
func endsOpen(s string) bool {
	s = strings.TrimRight(s, "*_ \t")
	return strings.HasSuffix(s, ":") || strings.HasSuffix(s, "：") || strings.HasPrefix(s, "---- ") && strings.HasSuffix(s, "----")
}

func hasVerb(s string) bool {
	return slices.ContainsFunc(announcingVerbs, func(v string) bool { return strings.Contains(s, v) })
}

// hasYear reports whether a sentence holds a year.
func hasYear(s string) bool {
	for digits := range strings.FieldsFuncSeq(s, func(c rune) bool { return c < '0' || c > '9' }) {
		if len(digits) == 4 && (digits[:2] == "19" || digits[:2] == "20") {
			return true
		}
	}
	return false
}

// hasTime reports whether a sentence holds a time of the day or a year.
func hasTime(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			continue
		}
		n := i
		for n < len(s) && '0' <= s[n] && s[n] <= '9' {
			n++
		}
		digits := s[i:n]
		switch {
		case len(digits) == 4 && (digits[:2] == "19" || digits[:2] == "20"):
			return true
		case len(digits) <= 2 && n+2 < len(s) && strings.IndexByte(":.h", s[n]) >= 0 && isDigits(s[n+1:n+3]):
			return true
		}
		i = n
	}
	return false
}

func isDigits(s string) bool { return strings.Trim(s, "0123456789") == "" }

// beginsAnnouncing reports whether a line begins as such sentences do.
func beginsAnnouncing(line string) bool {
	s := strings.ToLower(strings.Trim(line, "*_- \t"))
	if beginsWithDigit(s) {
		return true
	}
	for _, b := range announcingBegins {
		if rest, ok := strings.CutPrefix(s, b); ok && (strings.HasSuffix(b, " ") || !beginsWithLetter(rest)) {
			return true
		}
	}
	return false
}

// What stands between dashes above an earlier mail, in lower case.
var (
	originalWords = []string{
		"original message", "original appointment", "original email", "original mail", "reply message", "ursprüngliche nachricht",
		"originalnachricht", "original-nachricht", "original nachricht", "urspr. nachricht", "ursprüngliche mail", "message d'origine",
		"message original", "message originel", "courriel original", "message initial", "mensaje original", "correo original",
		"messaggio originale",
		"messaggio original", "oorspronkelijk bericht", "origineel bericht", "oorspronkelijke bericht", "mensagem original",
		"oryginalna wiadomość", "wiadomość oryginalna", "wiadomość pierwotna", "původní zpráva", "původní e-mail", "původní mail",
		"pôvodná správa",
		"ursprungligt meddelande", "originalmeddelande", "ursprungligt brev", "oprindelig meddelelse", "oprindelig besked", "oprindelig mail",
		"original meddelelse", "opprinnelig melding", "original melding", "opprinnelig e-post", "alkuperäinen viesti", "исходное сообщение",
		"оригинальное сообщение", "первоначальное сообщение", "исходное письмо", "元のメッセージ", "元のメール", "オリジナルメッセージ", "原始邮件", "原始郵件", "邮件原件",
		"原始信息", "原邮件", "原文", "原始訊息", "원본 메시지", "원본 메일", "eredeti üzenet", "orijinal ileti", "özgün ileti", "mesaj original",
	}
	forwardWords = []string{
		"forwarded message", "forwarded email", "forwarded mail", "forwarded by", "begin forwarded message", "start of forwarded message",
		"weitergeleitete nachricht", "anfang der weitergeleiteten nachricht", "weitergeleitet von", "weitergeleitete e-mail", "message transféré",
		"message réexpédié", "début du message réexpédié", "début du message transféré", "mensaje reenviado", "inicio del mensaje reenviado",
		"messaggio inoltrato", "inizio messaggio inoltrato", "inizio messaggio inoltrato", "doorgestuurd bericht", "begin doorgestuurd bericht",
		"mensagem encaminhada", "mensagem reencaminhada", "início da mensagem encaminhada", "início da mensagem reencaminhada",
		"wiadomość przekazana",
		"przekazana wiadomość", "początek przekazywanej wiadomości", "przeposlaná zpráva", "přeposlaná zpráva", "začátek přeposílané zprávy",
		"vidarebefordrat meddelande", "vidarebefordrat brev", "videresendt besked", "videresendt meddelelse", "start på videresendt besked",
		"videresendt melding", "begynnelse på videresendt melding", "välitetty viesti", "välitetty viesti alkaa", "пересылаемое сообщение",
		"перенаправленное сообщение", "начало переадресованного сообщения", "пересланное сообщение", "転送されたメッセージ", "転送メッセージ", "转发的邮件", "转发邮件",
		"开始转发的邮件", "開始轉寄郵件", "轉寄的郵件", "轉寄郵件", "전달된 메시지",
	}
)

// separatorLine says what a line between two mails is: "original", "forward", a
// "rule" of underscores or dashes, or nothing.
func separatorLine(line string) string {
	const marks = "-_–—=*#~ \t"
	if len(line) > 200 {
		return ""
	}
	if isGroupWises(line) {
		return "original"
	}
	inner := strings.Trim(line, marks)
	if inner == "" {
		if len(line) >= 5 && strings.Trim(line, "-_–—= ") == "" {
			return "rule"
		}
		return ""
	}
	open := strings.HasSuffix(inner, ":") || strings.HasSuffix(inner, "：")
	words := strings.ToLower(strings.ReplaceAll(strings.TrimSpace(strings.TrimRight(inner, ":：")), "’", "'"))
	dashes := strings.Count(line, "-")+strings.Count(line, "_")+strings.Count(line, "–")+strings.Count(line, "—")+strings.Count(line,
		"=") >= 2 &&
		strings.ContainsAny(line[:1], "-_*=") || strings.HasPrefix(line, "–") || strings.HasPrefix(line, "—")
	switch {
	case slices.Contains(originalWords, words) && dashes, words == "original" && strings.Count(line, "-") >= 10: // QQ has the one word
		return "original"
	case slices.Contains(forwardWords, words) && (dashes || open):
		return "forward"
	case dashes && open && hasVerb(words): // Notes: "-----Ann Lee wrote: -----"
		return "original"
	case dashes && (strings.HasPrefix(words, "forwarded by ") || strings.HasPrefix(words, "weitergeleitet von ")):
		return "forward"
	}
	return ""
}

// isGroupWises reports whether a line is the one that GroupWise writes above an earlier
// mail, whose own lines are not marked: ">>> Ann Lee <ann@lee.example> 27.11.2026 10:00 >>>".
func isGroupWises(line string) bool {
	return strings.HasPrefix(line, ">>> ") && strings.HasSuffix(line, " >>>") && strings.Contains(line, "@")
}

// headerLabels are the names of the fields in a header block, in lower case.
var headerLabels = map[string][]string{
	"from": {"from", "von", "de", "da", "van", "od", "från", "fra", "lähettäjä", "от", "от кого", "отправитель", "差出人", "送信者", "发件人", "寄件者",
		"發件人", "寄件人",
		"expéditeur", "mittente", "remitente", "remetente", "nadawca", "odesílatel", "afzender", "avsändare", "avsender", "afsender", "보낸 사람",
		"feladó", "kimden"},
	"sent": {"sent", "date", "gesendet", "gesendet am", "datum", "envoyé", "envoyé le", "enviado", "enviado el", "enviada", "enviada em",
		"enviado em", "fecha", "data",
		"inviato", "inviato il", "verzonden", "wysłano", "wysłane", "odesláno", "posláno", "odoslané", "dátum", "skickat", "sendt",
		"sendt den", "dato", "lähetetty",
		"päivämäärä", "päiväys", "отправлено", "дата", "送信日時", "日付", "日時", "发送时间", "發送時間", "寄件日期", "日期", "傳送時間", "传送时间", "时间", "보낸 날짜", "küldve",
		"gönderildi", "sendetidspunkt", "date d'envoi"},
	"to": {"to", "an", "à", "para", "a", "aan", "do", "komu", "pro", "till", "til", "vastaanottaja", "кому", "宛先", "收件人", "收件者",
		"destinataire", "destinatario",
		"destinatário", "받는 사람", "címzett", "kime"},
	"cc": {"cc", "kopie", "kopia", "kopi", "kopio", "копия", "抄送", "副本", "참조", "másolat", "bilgi", "dw", "copie"},
	"subject": {"subject", "betreff", "betr", "objet", "asunto", "oggetto", "onderwerp", "assunto", "temat", "předmět", "predmet", "ämne",
		"emne", "aihe", "тема", "件名",
		"主题", "主旨", "主題", "제목", "tárgy", "konu"},
}

// labelKinds is headerLabels the other way round.
var labelKinds = func() map[string]string {
	kinds := map[string]string{}
	for kind, labels := range headerLabels {
		for _, l := range labels {
			kinds[l] = kind
		}
	}
	return kinds
}()

// labelOf returns which field of a header block a line is: "*From:* Ann", "Von : Ann";
// empty when it is none.
func labelOf(line string) string {
	s := strings.ToLower(strings.ReplaceAll(strings.ReplaceAll(cutBytes(line, 60), "：", ":"), "’", "'"))
	label, _, ok := strings.Cut(s, ":")
	if !ok {
		return ""
	}
	return labelKinds[strings.Join(strings.Fields(strings.Trim(label, "*_ \t\u00a0")), " ")]
}

// deviceLines begin what phones put below a mail by themselves, in lower case.
var deviceLines = []string{
	"sent from my", "sent from mail for", "sent from outlook", "sent via", "get outlook for", "gesendet von", "von meinem",
	"diese nachricht wurde von meinem",
	"holen sie sich outlook", "outlook für", "envoyé de mon", "envoyé depuis", "envoyé à partir", "télécharger outlook", "obtenez outlook",
	"enviado desde mi",
	"enviado desde", "obtener outlook", "enviado do meu", "enviado a partir", "obter o outlook", "inviato da", "ottieni outlook",
	"verstuurd vanaf",
	"verzonden vanaf", "outlook voor", "wysłane z", "wysłano z", "pobierz program outlook", "odesláno z", "skickat från", "hämta outlook",
	"sendt fra", "sendt via",
	"hent outlook", "lähetetty", "hanki outlook", "отправлено с", "отправлено из", "iphoneから送信", "ipadから送信", "androidから送信", "发自我的", "從我的",
	"从我的",
}

func isDeviceLine(line string) bool {
	s := strings.ToLower(line)
	return slices.ContainsFunc(deviceLines, func(p string) bool { return strings.HasPrefix(s, p) })
}
