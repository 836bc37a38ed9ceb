package mail

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// Subjects by which holiday notes are known, in lower case.
var (
	// holidayPhrases begin such a subject, whatever follows.
	holidayPhrases = []string{
		// English
		"out of office", "out of the office", "out-of-office", "out of town", "automatic reply", "automatic response", "automated reply",
		"automated response", "auto reply", "auto-reply", "autoreply", "auto response", "auto-response", "autoresponse", "auto responder",
		"auto-responder", "autoresponder", "away from the office", "away from my", "away notice", "on vacation", "on holiday", "on annual leave",
		"vacation reply", "vacation message", "vacation notice", "holiday notice", "absence notice", "not in the office", "i am out of",
		"i'm out of", "i am away", "i'm away", "i am on vacation", "i am on holiday", "i am on leave", "i am currently out of",
		// German
		"abwesenheitsnotiz", "abwesenheitsnachricht", "abwesenheitsmeldung", "abwesenheitsbenachrichtigung", "abwesenheitsassistent",
		"abwesenheitsantwort", "automatische antwort", "automatische rückantwort", "automatische rückmeldung", "automatische abwesenheitsnotiz",
		"automatische e-mail-antwort", "autom. antwort", "nicht im büro", "nicht im haus", "außer haus", "ausser haus", "urlaubsbenachrichtigung",
		"urlaubsmeldung", "urlaubsnotiz", "ich bin im urlaub", "ich bin nicht im", "ich bin derzeit nicht", "ich bin zurzeit nicht",
		"ich bin abwesend", "bin im urlaub",
		// French
		"réponse automatique", "reponse automatique", "réponse d'absence", "absence du bureau", "absent du bureau", "absente du bureau",
		"message d'absence", "message automatique", "notification d'absence", "avis d'absence", "en congé", "en congés", "en vacances",
		"hors du bureau", "je suis absent", "je suis en congé",
		// Spanish
		"respuesta automática", "respuesta automatica", "fuera de la oficina", "fuera de oficina", "mensaje automático", "mensaje de ausencia",
		"de vacaciones", "estoy de vacaciones", "estoy fuera de", "aviso de ausencia", "notificación de ausencia", "autorespuesta",
		// Italian
		"risposta automatica", "fuori sede", "fuori ufficio", "fuori dall'ufficio", "messaggio automatico", "non in ufficio",
		"risponditore automatico", "avviso di assenza", "notifica di assenza", "messaggio di assenza", "sono in ferie", "sono fuori",
		// Dutch
		"automatisch antwoord", "automatische beantwoording", "automatisch bericht", "automatische reactie", "afwezigheidsbericht",
		"afwezigheidsmelding", "afwezigheidsassistent", "automatisch afwezigheidsbericht", "niet aanwezig", "niet op kantoor", "met vakantie",
		"op vakantie", "buiten kantoor", "ik ben afwezig", "ik ben op vakantie",
		// Portuguese
		"resposta automática", "resposta automatica", "fora do escritório", "fora do escritorio", "fora da empresa", "ausência do escritório",
		"ausência temporária", "de férias", "em férias", "estou de férias", "mensagem automática", "mensagem de ausência", "aviso de ausência",
		// Polish
		"odpowiedź automatyczna", "odpowiedz automatyczna", "automatyczna odpowiedź", "autoodpowiedź", "poza biurem", "jestem nieobecny",
		"jestem nieobecna",
		"informacja o nieobecności", "powiadomienie o nieobecności", "jestem na urlopie", "wiadomość automatyczna",
		// Czech and Slovak
		"automatická odpověď", "automaticka odpoved", "automatická odpoveď", "odpověď v nepřítomnosti", "odpověď mimo kancelář", "mimo kancelář",
		"mimo kanceláre", "oznámení o nepřítomnosti", "jsem mimo", "nejsem v kanceláři",
		// Swedish
		"autosvar", "automatiskt svar", "automatsvar", "frånvaromeddelande", "frånvaroassistent", "inte på kontoret", "ej på kontoret",
		"på semester", "jag är på semester", "jag är inte på", "frånvarobesked",
		// Danish and Norwegian
		"automatisk svar", "automatisk besvarelse", "ikke til stede", "fraværsbesked", "fraværsmeddelelse", "fraværsassistent", "fraværsmelding",
		"ude af kontoret", "ute av kontoret", "ikke på kontoret", "på ferie", "borte fra kontoret", "jeg er på ferie", "jeg har ferie",
		// Finnish
		"automaattinen vastaus", "automaattivastaus", "poissaoloviesti", "poissaoloilmoitus", "poissa toimistosta", "en ole toimistolla",
		"olen lomalla", "olen poissa", "lomavastaus",
		// Russian and Ukrainian
		"автоматический ответ", "автоответ", "автоответчик", "нет на работе", "отсутствует на рабочем месте", "вне офиса", "не в офисе",
		"нет в офисе", "нахожусь в отпуске", "я в отпуске", "уведомление об отсутствии", "сообщение об отсутствии", "автоматична відповідь",
		// Hungarian, Turkish, Romanian, Greek
		"automatikus válasz", "házon kívül", "otomatik yanıt", "ofis dışında", "răspuns automat", "αυτόματη απάντηση",
		// What Exchange puts before the subject, in the other languages that it speaks
		"automatski odgovor", "samodejni odgovor", "аутоматски одговор", "автоматски одговор", "автоматичен отговор", "automaatvastus",
		"automātiska atbilde",
		"automatinis atsakymas", "resposta automàtica", "sjálfvirkt svar", "תשובה אוטומטית", "رد تلقائي", "پاسخ خودکار", "स्वचालित उत्तर",
		"ตอบกลับอัตโนมัติ",
		"trả lời tự động", "balasan otomatis", "balasan automatik",
	}
	// holidayWords are such a subject only in front of a colon or as all of it: people
	// begin a subject with them too.
	holidayWords = []string{
		"auto", "ooo", "vacation", "away", "on leave", "absence", "abwesend", "abwesenheit", "urlaub", "im urlaub", "absent", "absente",
		"absence",
		"ausente", "ausencia", "ausência", "vacaciones", "assente", "assenza", "in ferie", "ferie", "afwezig", "afwezigheid", "vakantie",
		"férias",
		"nieobecność", "nieobecny", "nieobecna", "urlop", "nepřítomnost", "nepřítomen", "nepřítomna", "dovolená", "neprítomnosť", "frånvaro",
		"frånvarande", "semester", "fravær", "fraværende", "poissa", "poissaolo", "lomalla", "loma", "отсутствие", "отпуск", "в отпуске",
	}
	// holidayAnywhere stand somewhere in the notes of Notes and others.
	holidayAnywhere = []string{
		"is out of the office", "will be out of the office", "is on vacation", "is away from the office", "ist außer haus", "ist ausser haus",
		"ist nicht im büro", "ist im urlaub", "est absent du bureau", "est absente du bureau", "est absent(e)", "está fuera de la oficina",
		"è fuori ufficio", "è fuori sede", "is afwezig", "is niet op kantoor", "está ausente", "está fora do escritório", "je mimo kancelář",
		"är inte på kontoret", "är på semester", "er ikke på kontoret", "er ikke til stede", "er på ferie",
	}
	// holidayCJK begin a subject of scripts that put no space between words.
	holidayCJK = []string{
		"自動応答", "自動返信", "自動回答", "不在通知", "不在連絡", "不在のお知らせ", "不在のため", "休暇中", "休暇のお知らせ", "外出中",
		"自动答复", "自动回复", "自动应答", "自動回覆", "自動回復", "自動答覆", "外出自动", "外出自動", "不在办公室", "不在辦公室", "假期自动", "休假中", "外出时的自动",
		"자동 회신", "자동회신", "자동 응답", "자동응답", "부재중", "부재 중",
	}
)

// maxSubjectSigns is how much of a subject is looked at, in bytes.
const maxSubjectSigns = 300

// isHolidayNote reports whether a subject is one by which mail programs and people
// name their automatic answers while they are away.
func isHolidayNote(subject string) bool {
	s := subjectForSigns(subject)
	return namesHoliday(s) || namesHoliday(withoutTag(s))
}

func namesHoliday(s string) bool {
	for _, p := range holidayPhrases {
		if rest, ok := strings.CutPrefix(s, p); ok && !beginsWithLetter(rest) {
			return true
		}
	}
	for _, w := range holidayWords {
		if rest, ok := strings.CutPrefix(s, w); ok {
			if rest = strings.TrimSpace(rest); rest == "" || rest[0] == ':' || strings.HasPrefix(rest, "：") {
				return true
			}
		}
	}
	for _, p := range holidayCJK {
		if strings.HasPrefix(s, p) {
			return true
		}
	}
	if replyPrefix(s) != "" {
		return false // a person's answer to such a note
	}
	for _, p := range holidayAnywhere {
		if strings.Contains(s, p) {
			return true
		}
	}
	return false
}

// subjectForSigns brings a subject into the form of the lists above: composed, in
// lower case, with plain apostrophes and single spaces, without brackets in front.
func subjectForSigns(subject string) string {
	s := strings.ToLower(norm.NFC.String(cutBytes(subject, maxSubjectSigns)))
	s = strings.NewReplacer("’", "'", "‘", "'", "´", "'", "\u00a0", " ", "\u3000", " ").Replace(s)
	return strings.TrimLeft(strings.Join(strings.Fields(s), " "), openers)
}

const openers = " [【「『(（<*-"

// withoutTag takes off what a filter puts in front: "[external] automatic reply".
func withoutTag(s string) string {
	if tag, rest, ok := strings.Cut(s, "]"); ok && !strings.ContainsAny(tag, ":[") {
		return strings.TrimLeft(rest, openers)
	}
	return s
}

func beginsWithLetter(s string) bool {
	c, _ := utf8.DecodeRuneInString(s)
	return unicode.IsLetter(c)
}
