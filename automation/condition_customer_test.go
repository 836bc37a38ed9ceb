package automation

import "github.com/smarticks/smarticks/conversation"

func customer(change func(*conversation.Customer)) func(*conversation.Facts) {
	return func(f *conversation.Facts) { change(&f.Customer) }
}

func company(name string) func(*conversation.Facts) {
	return customer(func(c *conversation.Customer) { c.Company = name })
}

func phone(number string) func(*conversation.Facts) {
	return customer(func(c *conversation.Customer) { c.Phone = number })
}

func named(firstName, lastName string) func(*conversation.Facts) {
	return customer(func(c *conversation.Customer) { c.FirstName, c.LastName = firstName, lastName })
}

var customerRowCases = []rowCase{
	{"a name is the whole name", cond("customer_name", "is", "ann LEE"), facts(named("Ann", "Lee")), True, "Ann Lee", ""},
	{"a name is its first part: no", cond("customer_name", "is", "Ann"), facts(named("Ann", "Lee")), False, "", ""},
	{"a name is not another", cond("customer_name", "is_not", "Bob"), facts(), True, "Ann", ""},
	{"a name contains a part", cond("customer_name", "contains", "n l"), facts(named("Ann", "Lee")), True, "", ""},
	{"a name does not contain a part", cond("customer_name", "does_not_contain", "bob"), facts(), True, "", ""},
	{"a name starts with the first name", cond("customer_name", "starts_with", "ann"), facts(named("Ann", "Lee")), True, "", ""},
	{"a name ends with the last name", cond("customer_name", "ends_with", "lee"), facts(named("", "Lee")), True, "", ""},
	{"a name matches", cond("customer_name", "matches", "^an+$"), facts(), True, "", ""},
	{"a name is set", cond("customer_name", "set", nil), facts(), True, "", ""},
	{"a customer without a name", cond("customer_name", "not_set", nil), facts(named("", " ")), True, "", "it is empty"},
	{"a company is that company", cond("customer_company", "is", "ACME"), facts(company("Acme")), True, "Acme", ""},
	{"a company is not another", cond("customer_company", "is_not", "Globex"), facts(company("Acme")), True, "", ""},
	{"no company is not a company either", cond("customer_company", "is_not", "Globex"), facts(), True, "", "it is empty"},
	{"a company contains a word", cond("customer_company", "contains", "gmbh"), facts(company("Acme GmbH")), True, "", ""},
	{"no company contains a word: no", cond("customer_company", "contains", "gmbh"), facts(), False, "", "it is empty"},
	{"a company does not contain a word", cond("customer_company", "does_not_contain", "inc"), facts(company("Acme GmbH")), True, "", ""},
	{"a company starts with", cond("customer_company", "starts_with", "acme"), facts(company("Acme GmbH")), True, "", ""},
	{"a company ends with", cond("customer_company", "ends_with", "GMBH"), facts(company("Acme GmbH")), True, "", ""},
	{"a company matches", cond("customer_company", "matches", `/\bgmbh$/`), facts(company("Acme GmbH")), True, "", ""},
	{"a company is set", cond("customer_company", "set", nil), facts(company("Acme")), True, "", ""},
	{"a company is not set", cond("customer_company", "not_set", nil), facts(), True, "", "it is empty"},
	{"a phone number is that number", cond("customer_phone", "is", "+49 30 123"), facts(phone("+49 30 123")), True, "+49 30 123", ""},
	{"a phone number is not another", cond("customer_phone", "is_not", "110"), facts(phone("+49 30 123")), True, "", ""},
	{"a phone number contains digits", cond("customer_phone", "contains", "30 1"), facts(phone("+49 30 123")), True, "", ""},
	{"a phone number does not contain digits", cond("customer_phone", "does_not_contain", "31"), facts(phone("+49 30 123")), True, "", ""},
	{"a phone number starts with a prefix", cond("customer_phone", "starts_with", "+49"), facts(phone("+49 30 123")), True, "", ""},
	{"a phone number ends with an extension", cond("customer_phone", "ends_with", "123"), facts(phone("+49 30 123")), True, "", ""},
	{"a phone number matches", cond("customer_phone", "matches", `^\+49`), facts(phone("+49 30 123")), True, "", ""},
	{"a phone number is set: no", cond("customer_phone", "set", nil), facts(), False, "", "it is empty"},
	{"a phone number is not set", cond("customer_phone", "not_set", nil), facts(), True, "", "it is empty"},
}
