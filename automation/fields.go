package automation

import "github.com/smarticks/smarticks/conversation"

// field is one entry of the catalogue of conditions: what it is called, which events
// make a workflow with it a candidate, which operators it takes, how it is tested, what
// checks know of it and how it reads.
//
// A new condition is one entry of the table below, one function that builds its test,
// and its cases in the tests, which say what else is missing.
type field struct {
	name string
	// reads is how the checks of workflows read its conditions; an event's are read by
	// their event.
	reads Reading
	// listens names the kinds of event after which the condition may say something
	// else, by kind and not by value. A conversation's first message is listened
	// to by every condition, so it is not named here; being moved is listened to only
	// by a condition that says so.
	listens []conversation.Kind
	// yes are more kinds that it listens to where its value is yes.
	yes []conversation.Kind
	// ops are the operators. An event condition has one without a name.
	ops []operator
	// cost orders conditions within a check: the cheap ones decide first.
	cost cost
	// from and to say what the condition's From and To must be where they are given;
	// noValue: it takes none.
	from, to valueKind
	// needs says what must be loaded for it.
	needs Needs
	// build makes the test of a condition whose value was found good.
	build func(operator, operand) test
	// say renders the condition in words.
	say func(Condition, operator, Names) string
}

// Reading is how the checks of workflows read the conditions on a field: what they know
// of two of them, whether they exclude each other say.
type Reading string

// The readings.
const (
	ReadsAlone  Reading = "alone"  // each by its operator and value: it is so, or it is not
	ReadsText   Reading = "text"   // of one text
	ReadsTexts  Reading = "texts"  // of one of several texts
	ReadsWord   Reading = "word"   // of one of some words, by is and is_not
	ReadsTags   Reading = "tags"   // each tag is there or not
	ReadsNumber Reading = "number" // of a number
	ReadsSince  Reading = "since"  // of the time since something
)

// operator is one operator of a field.
type operator struct {
	name  string
	value valueKind // what Value must be
	words string    // between the field's words and the value's
}

// cost says how dear a condition is to test.
type cost int

const (
	costFlag    cost = iota // comparing one or two words
	costList                // a few short texts
	costText                // a subject
	costBody                // bodies
	costPattern             // added for a pattern
)

// Names of fields that code outside the table refers to.
const (
	fieldState     = "state"
	fieldBody      = "body"
	fieldWholeBody = "body_with_history"
	fieldReopened  = "customer_reopened"
)

// fields is the catalogue, in the order of screens. It is never changed.
var fields = []field{
	{name: "customer_name", reads: ReadsText,
		ops: textAndPresence, cost: costText, build: textRow(customerNameOf), say: saying("the customer's name")},
	{name: "customer_email", reads: ReadsTexts, ops: textOperators, cost: costList, build: emailRow, say: saying("the customer's email")},
	{name: "customer_company", reads: ReadsText,
		ops: textAndPresence, cost: costText, build: textRow(customerCompanyOf), say: saying("the customer's company")},
	{name: "customer_phone", reads: ReadsTexts,
		ops: textAndPresence, cost: costText, build: textRow(customerPhoneOf), say: saying("the customer's phone number")},

	{name: "subject", reads: ReadsText, listens: []conversation.Kind{conversation.KindSubjectChanged},
		ops: textAndPresence, cost: costText, build: textRow(subjectOf), say: saying("the subject")},
	{name: fieldBody, reads: ReadsTexts, listens: []conversation.Kind{conversation.KindCustomerMessage},
		needs: NeedsBodies, ops: bodyOperators, cost: costBody, build: bodyRow(newBodies), say: saying("the body")},
	{name: fieldWholeBody, reads: ReadsTexts, listens: []conversation.Kind{conversation.KindCustomerMessage},
		needs: NeedsBodies, ops: bodyOperators, cost: costBody, build: bodyRow(wholeBodies), say: saying("the body with what it quotes")},
	{name: "note_body", reads: ReadsTexts, listens: []conversation.Kind{conversation.KindNoteAdded},
		needs: NeedsNotes, ops: bodyOperators, cost: costBody, build: listRow(noteBodies), say: saying("the note")},
	{name: "headers", reads: ReadsAlone, listens: customerMessage, needs: NeedsMails | NeedsHeaders,
		ops: bodyOperators, cost: costBody, build: listRow(headerLines), say: sayHeaders},
	{name: "to", reads: ReadsTexts, listens: anyMessage, needs: NeedsRecipients,
		ops: textOperators, cost: costList, build: addressRow(recipients((*messageText).toAddresses)), say: saying("the recipient (To)")},
	{name: "cc", reads: ReadsTexts, listens: anyMessage, needs: NeedsRecipients,
		ops: textOperators, cost: costList, build: addressRow(recipients((*messageText).ccAddresses)),
		say: saying("the recipient of a copy (Cc)")},
	{name: "sender", reads: ReadsTexts, listens: customerMessage, needs: NeedsMails,
		ops: textOperators, cost: costList, build: addressRow(senders), say: saying("the sender")},
	{name: "reply_to", reads: ReadsTexts, listens: customerMessage, needs: NeedsMails,
		ops: textOperators, cost: costList, build: addressRow(replyTo), say: saying("the address for answers (Reply-To)")},
	{name: "authentication", reads: ReadsWord, listens: customerMessage, needs: NeedsMails,
		ops: isOperators(authenticationValue), build: authenticationRow, say: saying("the check of the sender")},
	{name: "sender_is_claimed", reads: ReadsWord, listens: customerMessage, needs: NeedsMails,
		ops: yesNoOperators, build: claimedRow, say: sayYesNo("the sender is merely claimed", "the sender is not merely claimed")},
	{name: "type", reads: ReadsWord, ops: isOperators(typeValue), build: typeRow, say: saying("the type")},
	{name: "channel", reads: ReadsWord, ops: isOperators(channelValue), build: channelRow, say: saying("the channel")},
	{name: "status", reads: ReadsWord, listens: []conversation.Kind{conversation.KindStatusChanged},
		ops: isOperators(statusValue), build: statusRow, say: saying("the status")},
	{name: fieldState, reads: ReadsWord, listens: []conversation.Kind{conversation.KindStateChanged},
		ops: isOperators(stateValue), build: stateRow, say: saying("the state")},
	{name: "assignee", reads: ReadsWord, listens: []conversation.Kind{conversation.KindAssigneeChanged},
		ops: isOperators(assigneeValue), build: assigneeRow, say: sayAssignee},
	{name: "tags", reads: ReadsTags, listens: []conversation.Kind{conversation.KindTagsChanged},
		ops: tagOperators, cost: costList, build: tagsRow, say: sayTags},

	{name: "folder", reads: ReadsAlone,
		listens: []conversation.Kind{
			conversation.KindStatusChanged, conversation.KindTagsChanged, conversation.KindAssigneeChanged,
			conversation.KindStateChanged,
		},
		ops: folderOperators, cost: costList, build: folderRow, say: sayFolder},
	{name: "rating", reads: ReadsWord, listens: []conversation.Kind{conversation.KindRated},
		ops: ratingOperators, build: ratingRow, say: sayRating},
	{name: "customer_viewed", reads: ReadsWord,
		listens: []conversation.Kind{
			conversation.KindViewed, conversation.KindAgentReply, conversation.KindWorkflowMessage,
		},
		ops: yesNoOperators, build: viewedRow,
		say: sayYesNo("the customer has viewed the last reply", "the customer has not viewed the last reply")},

	{name: "attachment", reads: ReadsAlone, listens: customerMessage, needs: NeedsBodies | NeedsFiles,
		ops: []operator{{"has", noValue, ""}, {"has_not", noValue, ""}}, cost: costList, build: attachmentRow, say: sayAttachment},
	{name: "attachment_name", reads: ReadsTexts, listens: customerMessage, needs: NeedsBodies | NeedsFiles,
		ops: textOperators, cost: costList, build: listRow(fileNames), say: saying("the name of an attachment")},
	{name: "attachment_count", reads: ReadsNumber, listens: customerMessage, needs: NeedsBodies | NeedsFiles,
		ops: numberOperators(countValue), cost: costList, build: fileCountRow, say: saying("the number of attachments")},
	{name: "is_bounce", reads: ReadsWord, listens: customerMessage, yes: thirdParty,
		ops: yesNoOperators, build: machineRow(conversation.MachineBounce), say: sayYesNo("the mail is a bounce", "the mail is no bounce")},
	{name: "is_auto_reply", reads: ReadsWord, listens: customerMessage, yes: thirdParty,
		ops: yesNoOperators, build: machineRow(conversation.MachineAutoReply),
		say: sayYesNo("the mail is an automatic reply", "the mail is no automatic reply")},
	{name: "message_count", reads: ReadsNumber, listens: anyMessage,
		ops: numberOperators(countValue), build: countRow(messageCount), say: saying("the number of messages")},
	{name: "customer_reply_count", reads: ReadsNumber, listens: []conversation.Kind{conversation.KindCustomerMessage},
		ops: numberOperators(countValue), build: countRow(customerReplyCount), say: saying("the number of customer replies")},
	{name: "imported", reads: ReadsWord,
		ops: yesNoOperators, build: yesNoRow(imported), say: sayYesNo("it was imported", "it was not imported")},
	{name: "started_by", reads: ReadsWord, ops: isOperators(starterValue), build: startedByRow, say: sayStartedBy},
	{name: "new_conversation", ops: eventOperators(noValue), build: newConversationRow, say: sayAlways("a new conversation began")},
	{name: "customer_replied", listens: []conversation.Kind{conversation.KindCustomerMessage},
		ops: eventOperators(noValue), build: eventRow(conversation.KindCustomerMessage), say: sayAlways("the customer replied")},
	{name: fieldReopened, listens: customerMessage,
		ops: eventOperators(closedForValue), build: reopenedRow, say: sayReopened},
	{name: "third_party_replied", listens: thirdParty,
		ops: eventOperators(noValue), build: eventRow(conversation.KindThirdParty), say: sayAlways("a third party wrote")},
	{name: "agent_replied", listens: []conversation.Kind{conversation.KindAgentReply},
		ops: eventOperators(noValue), build: eventRow(conversation.KindAgentReply), say: sayAlways("an agent replied")},
	{name: "note_added", listens: []conversation.Kind{conversation.KindNoteAdded},
		ops: eventOperators(noValue), build: eventRow(conversation.KindNoteAdded), say: sayAlways("a note was added")},
	{name: "moved_here", listens: []conversation.Kind{conversation.KindMoved},
		ops: eventOperators(mailboxValue), from: mailboxValue, build: movedHereRow, say: sayMovedHere},
	{name: "user_action", listens: userActions,
		ops: eventOperators(userValue), build: userActionRow, say: sayUserAction},
	{name: "status_changed", listens: []conversation.Kind{conversation.KindStatusChanged},
		ops: eventOperators(noValue), from: statusValue, to: statusValue,
		build: changedRow(conversation.KindStatusChanged, asWritten), say: sayChanged(always("the status"), plainWords)},
	{name: "assignee_changed", listens: []conversation.Kind{conversation.KindAssigneeChanged},
		ops: eventOperators(noValue), from: assigneeValue, to: assigneeValue,
		build: changedRow(conversation.KindAssigneeChanged, orUnassigned), say: sayChanged(always("the assignee"), assigneeWords)},
	{name: "tag_added", listens: []conversation.Kind{conversation.KindTagsChanged},
		ops: eventOperators(tagValue), build: tagAddedRow, say: sayTag("added")},
	{name: "tag_removed", listens: []conversation.Kind{conversation.KindTagsChanged},
		ops: eventOperators(tagValue), build: tagRemovedRow, say: sayTag("removed")},
	{name: "field_changed", listens: []conversation.Kind{conversation.KindFieldChanged},
		ops: eventOperators(fieldNameValue), from: textValue, to: textValue,
		build: fieldChangedRow, say: sayChanged(fieldWords, quotedWords)},

	{name: "waiting_since", reads: ReadsSince, listens: []conversation.Kind{conversation.KindCustomerMessage, conversation.KindStatusChanged},
		ops: longerOperators, build: dateRow(waitingSince), say: sayDate("the customer has waited", "the customer has not waited")},
	{name: "last_customer_reply", reads: ReadsSince, listens: []conversation.Kind{conversation.KindCustomerMessage},
		ops: lastOperators, build: dateRow(lastCustomerReply), say: sayDate("the customer wrote", "the customer has not written")},
	{name: "last_agent_reply", reads: ReadsSince, listens: []conversation.Kind{conversation.KindAgentReply},
		ops: lastOperators, build: dateRow(lastAgentReply), say: sayDate("an agent replied", "no agent has replied")},
	{name: "created", reads: ReadsSince,
		ops: append(lastOperators[:len(lastOperators):len(lastOperators)], momentOperators...), build: createdRow, say: sayCreated},
	{name: "last_status_change", reads: ReadsSince, listens: []conversation.Kind{conversation.KindStatusChanged},
		ops: lastOperators, build: dateRow(lastStatusChange), say: sayDate("the status changed", "the status has not changed")},
	{name: "closed", reads: ReadsSince, listens: []conversation.Kind{conversation.KindStatusChanged},
		ops: lastOperators, build: dateRow(closed), say: sayDate("it was closed", "it was not closed")},

	{name: "business_hours", reads: ReadsWord, ops: []operator{{"is", hoursValue, "is"}}, build: businessHoursRow, say: sayHours},
	{name: "day_of_week", reads: ReadsAlone, ops: isOperators(weekdaysValue), build: dayOfWeekRow, say: sayWeekdays},
	{name: "time_of_day", reads: ReadsAlone,
		ops:   []operator{{"between", clockValue, "is between"}, {"not_between", clockValue, "is not between"}},
		build: timeOfDayRow, say: sayClock},
}

// customerMessage is the kind of event that a message of the customer makes.
var customerMessage = []conversation.Kind{conversation.KindCustomerMessage}

// thirdParty is the kind of event that a message of a third party makes.
var thirdParty = []conversation.Kind{conversation.KindThirdParty}

// listensTo lists the kinds of event that a condition on the field listens to.
func (f *field) listensTo(c Condition) []conversation.Kind {
	if c.Value != "yes" {
		return f.listens
	}
	return append(f.listens[:len(f.listens):len(f.listens)], f.yes...)
}

// anyMessage are the kinds of event that add a message.
var anyMessage = []conversation.Kind{
	conversation.KindCustomerMessage, conversation.KindAgentReply, conversation.KindWorkflowMessage, conversation.KindNoteAdded,
}

// The operators of the fields. One name means one thing everywhere.
var (
	textOperators = []operator{
		{"is", textValue, "is"}, {"is_not", textValue, "is not"},
		{"contains", textValue, "contains"}, {"does_not_contain", textValue, "does not contain"},
		{"starts_with", textValue, "starts with"}, {"ends_with", textValue, "ends with"},
		{"matches", patternValue, "matches"},
	}
	textAndPresence   = append(textOperators[:len(textOperators):len(textOperators)], presenceOperators...)
	presenceOperators = []operator{{"set", noValue, "is set"}, {"not_set", noValue, "is not set"}}
	bodyOperators     = []operator{
		{"contains", textValue, "contains"}, {"does_not_contain", textValue, "does not contain"},
		{"matches", patternValue, "matches"},
	}
	tagOperators = []operator{
		{"has_any", tagsValue, "has any"}, {"has_all", tagsValue, "has all"}, {"has_none", tagsValue, "has none"},
		{"matches", patternValue, "matches"},
	}
	ratingOperators = append(isOperators(ratingValue), operator{"rated", noValue, ""}, operator{"not_rated", noValue, ""})
	yesNoOperators  = []operator{{"is", yesNoValue, "is"}}
	longerOperators = []operator{
		{"longer_than", durationValue, "longer than"}, {"not_longer_than", durationValue, "longer than"},
	}
	momentOperators = []operator{{"before", momentValue, "before"}, {"after", momentValue, "after"}}
	lastOperators   = []operator{
		{"in_the_last", durationValue, "in the last"}, {"not_in_the_last", durationValue, "in the last"},
	}
)

// isOperators returns is and is_not for a kind of value.
func isOperators(value valueKind) []operator {
	return []operator{{"is", value, "is"}, {"is_not", value, "is not"}}
}

// eventOperators returns the one operator of an event condition.
func eventOperators(value valueKind) []operator { return []operator{{value: value}} }

// negative reports whether the operator must hold for all values: none of them may
// be what it names.
func (o operator) negative() bool {
	switch o.name {
	case "is_not", "does_not_contain", "not_set":
		return true
	}
	return false
}

// operator returns the field's operator of that name.
func (f *field) operator(name string) (operator, bool) {
	for _, o := range f.ops {
		if o.name == name {
			return o, true
		}
	}
	return operator{}, false
}

// event reports whether the field is an event condition: it takes no operator.
func (f *field) event() bool { return f.ops[0].name == "" }

// findField returns the field of that name, nil when there is none.
func findField(name string) *field {
	for i := range fields {
		if fields[i].name == name {
			return &fields[i]
		}
	}
	return member(name)
}

// lookUp returns a condition's field and operator.
func lookUp(c Condition) (*field, operator, bool) {
	f := findField(c.Field)
	if f == nil {
		return nil, operator{}, false
	}
	o, ok := f.operator(c.Op)
	return f, o, ok
}

func fieldNames() []string {
	names := make([]string, len(fields))
	for i, f := range fields {
		names[i] = f.name
	}
	for _, f := range families {
		names = append(names, f.example)
	}
	return names
}

func operatorNames(f *field) []string {
	names := make([]string, len(f.ops))
	for i, o := range f.ops {
		names[i] = o.name
	}
	return names
}
