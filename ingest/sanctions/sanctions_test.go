package sanctions_test

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"marque/ingest/sanctions"
)

// read takes a list whole: subjects, problems, and what ended it.
func read(list sanctions.Subjects) (subjects []*sanctions.Subject, problems []string, end error) {
	for s, err := range list {
		var p *sanctions.EntryError
		switch {
		case errors.As(err, &p):
			problems = append(problems, p.Error())
		case err != nil:
			end = err
		default:
			subjects = append(subjects, s)
		}
	}
	return subjects, problems, end
}

func text(s string) io.Reader {
	if s == "" {
		return nil
	}
	return strings.NewReader(s)
}

const (
	sdnRows = `100,"EXAMPLE BANK",-0- ,"CYBER2] [DPRK3",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"SWIFT/BIC EXBKRUMM; Website www.bank.example; Tax ID No. 7724244406 (Russia)."` + "\r\n" +
		`101,"IVANOV, Pyotr","individual","CYBER2","Chief of Staff",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,"DOB 28 Oct 1983; alt. DOB circa 1984; POB Riga, Latvia; nationality Russia; Gender Male; Passport RU0313455106 (Russia); a.k.a. 'Slavik'; Digital Currency Address - XBT 12VrYZgS1nmf9KHHped24xBb1aLLRpV2cT; Linked To: EXAMPLE BANK."` + "\r\n" +
		`102,"SEA STAR","vessel","IRAN",-0- ,"P3QG3","Tug",-0- ,"212","Cyprus","Owner",` + `"Vessel Registration Identification IMO 9187629; Former Vessel Flag Iran." ` + "\r\n\x1a"
	altRows = `100,7,"aka","EXBANK",-0- ` + "\r\n" + `101,8,"fka","PETROV, Pyotr",-0- ` + "\r\n" + `103,9,"aka","NOBODY",-0- ` + "\r\n\x1a"
	addRows = `100,1,"1 Street","Moscow 101000","Russia",-0- ` + "\r\n" + `100,2,-0- ,-0- ,-0- ,-0- ` + "\r\n\x1a"
	comment = `101,"Email Address p@mail.example; Phone Number 4959999999."` + "\r\n"
)

func TestOFAC(t *testing.T) {
	got, problems, err := read(sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: text(sdnRows), Alt: text(altRows), Add: text(addRows), Comments: text(comment)}))
	if err != nil || len(problems) != 0 {
		t.Fatalf("error %v, problems %v", err, problems)
	}
	if len(got) != 3 {
		t.Fatalf("%d subjects, want 3", len(got))
	}
	bank, man, ship := got[0], got[1], got[2]
	if diff := cmp.Diff([]string{"CYBER2", "DPRK3"}, bank.Programmes); diff != "" {
		t.Error(diff)
	}
	if len(bank.Addresses) != 2 || bank.Addresses[0].Country != "RU" || bank.Kind != sanctions.Organisation {
		t.Errorf("bank %+v", bank)
	}
	wantNames := []sanctions.Name{
		{Full: "IVANOV, Pyotr", Kind: sanctions.Primary, Family: "IVANOV", Given: "Pyotr"},
		{Full: "PETROV, Pyotr", Kind: sanctions.Former, Family: "PETROV", Given: "Pyotr", Number: "8"},
		{Full: "Slavik", Kind: sanctions.Alias, Weak: true},
	}
	if diff := cmp.Diff(wantNames, man.Names); diff != "" {
		t.Error(diff)
	}
	wantIDs := []sanctions.Identifier{
		{Kind: sanctions.Passport, Value: "RU0313455106", Label: "Passport", Country: "RU"},
		{Kind: sanctions.Email, Value: "p@mail.example"},
		{Kind: sanctions.Phone, Value: "4959999999", Label: "Phone Number"},
	}
	if diff := cmp.Diff(wantIDs, man.Identifiers); diff != "" {
		t.Error(diff)
	}
	if len(man.Births) != 2 || man.Births[0].From.String() != "1983-10-28" || man.Births[0].Country != "LV" || man.Births[1].From.String() != "circa 1984" {
		t.Errorf("births %+v", man.Births)
	}
	if len(man.Wallets) != 1 || man.Wallets[0].Currency != "XBT" || man.LinkedTo[0] != "EXAMPLE BANK" || man.Nationalities[0] != "RU" {
		t.Errorf("man %+v", man)
	}
	if len(ship.Identifiers) != 2 || ship.Identifiers[1].Kind != sanctions.IMO || ship.Nationalities[0] != "CY" {
		t.Errorf("ship %+v", ship)
	}
}

func TestRowsThatCannotBeReadAreProblemsWithTheirPlace(t *testing.T) {
	rows := `100,"A",-0- ,"X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n" + `101,"B"` + "\n" + `xyz,"B",-0- ,"X",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ` + "\n"
	got, problems, err := read(sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: text(rows), Alt: text(`99,1,"aka","C",-0- ` + "\n")}))
	if err != nil || len(got) != 1 {
		t.Fatalf("%d subjects, error %v", len(got), err)
	}
	want := []string{"alt: line 1: 99 is not in the list", "sdn: line 2: 2 fields, want 12", `sdn: line 3: ent_num: "xyz" is no number`}
	if diff := cmp.Diff(want, problems); diff != "" {
		t.Error(diff)
	}
}

func TestFilesOutOfOrderAreRefused(t *testing.T) {
	alt := `101,1,"aka","B",-0- ` + "\n" + `100,2,"aka","A",-0- ` + "\n"
	_, _, err := read(sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: text(sdnRows), Alt: text(alt)}))
	if !errors.Is(err, sanctions.ErrOrder) || !strings.Contains(err.Error(), "alt: line 2") {
		t.Errorf("error %v, want ErrOrder with its place", err)
	}
}

const (
	ukSubjects = "unique_id,subject_type,un_reference_number,ofsi_group_id,date_designated,last_updated\n" +
		"CYB0001,individual,,13900,30/07/2020,19/11/2020\nCYB0002,ship,,,30/07/2020,\n"
	ukNames = "name_id,unique_id,name_type,alias_strength,full_name,name_6,name_1,name_2,name_3,name_4,name_5\n" +
		"0,CYB0001,alias,low_quality_aka,bear,bear,,,,,\n1,CYB0001,primary,,Qiang GAO,GAO,Qiang,,,,\n2,CYB0002,primary,,STAR,STAR,,,,,\n"
	ukLands = "id,unique_id,raw_value,country_type,iso,resolution_method,iso_available\n" +
		"1,CYB0001,China,birth,CN,direct,True\n2,CYB0001,China,birth,CN,direct,True\n3,CYB0001,China,nationality,CN,direct,True\n"
)

func TestUK(t *testing.T) {
	got, problems, err := read(sanctions.DecodeUK(sanctions.UKFiles{Subjects: text(ukSubjects), Names: text(ukNames), Countries: text(ukLands)}))
	if err != nil || len(problems) != 0 || len(got) != 2 {
		t.Fatalf("%d subjects, error %v, problems %v", len(got), err, problems)
	}
	want := &sanctions.Subject{
		List: "uk", ID: "CYB0001", Kind: sanctions.Person, Programmes: []string{"CYB"},
		Names: []sanctions.Name{
			{Full: "Qiang GAO", Kind: sanctions.Primary, Family: "GAO", Given: "Qiang"}, {Full: "bear", Kind: sanctions.Alias, Weak: true, Family: "bear"},
		},
		Births: []sanctions.Birth{{Country: "CN"}}, Nationalities: []string{"CN"},
		Identifiers: []sanctions.Identifier{{Kind: sanctions.OtherID, Value: "13900", Label: "ofsi_group_id"}},
		Listed:      sanctions.Date{Year: 2020, Month: 7, Day: 30}, Updated: sanctions.Date{Year: 2020, Month: 11, Day: 19},
	}
	if diff := cmp.Diff(want, got[0]); diff != "" {
		t.Error(diff)
	}
}

func TestChangedColumnsAreNamed(t *testing.T) {
	changed := strings.Replace(ukNames, "full_name", "name", 1)
	_, _, err := read(sanctions.DecodeUK(sanctions.UKFiles{Subjects: text(ukSubjects), Names: text(changed)}))
	if !errors.Is(err, sanctions.ErrColumns) || !strings.Contains(err.Error(), "full_name") || !strings.Contains(err.Error(), "name,") {
		t.Errorf("error %v: want the column that is missing and those that are new", err)
	}
	_, _, err = read(sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: text("ent_num,name\n" + sdnRows)}))
	if !errors.Is(err, sanctions.ErrColumns) {
		t.Errorf("error %v for a head row in OFAC's layout, want ErrColumns", err)
	}
	_, problems, err := read(sanctions.DecodeUKXML(text("<Designations><Designation><ID>1</ID><Names/></Designation></Designations>")))
	if err != nil || len(problems) != 1 || !strings.Contains(problems[0], "UniqueID: Designation has none; it has ID, Names") {
		t.Errorf("problems %v, error %v", problems, err)
	}
}

func TestXML(t *testing.T) {
	for _, c := range []struct {
		name string
		list sanctions.Subjects
		want *sanctions.Subject
	}{
		{"ofac", sanctions.DecodeOFACXML(text(ofacXML)), &sanctions.Subject{
			List: "ofac", ID: "36", Kind: sanctions.Person, Programmes: []string{"CYBER2"}, Gender: "male",
			Names: []sanctions.Name{
				{Full: "IVANOV, Pyotr", Kind: sanctions.Primary, Family: "IVANOV", Given: "Pyotr"},
				{Full: "SLAVIK", Kind: sanctions.Alias, Weak: true, Family: "SLAVIK", Number: "12"},
			},
			Births:        []sanctions.Birth{{From: sanctions.Date{Year: 1983, Month: 10, Day: 28}, Place: "Riga, Latvia", Country: "LV"}},
			Nationalities: []string{"RU"}, Addresses: []sanctions.Address{{Number: "25", Street: "1 Street", City: "Moscow", Country: "RU"}},
			Identifiers: []sanctions.Identifier{{Kind: sanctions.Passport, Value: "123456", Label: "Passport", Country: "RU"}},
			Wallets:     []sanctions.Wallet{{Currency: "XBT", Address: "12VrYZgS1nmf9KHHped24xBb1aLLRpV2cT"}},
		}},
		{"uk", sanctions.DecodeUKXML(text(ukXML)), &sanctions.Subject{
			List: "uk", ID: "CYB0007", Kind: sanctions.Person, Programmes: []string{"CYB", "Cyber"}, Remarks: "Reasons.",
			Names: []sanctions.Name{
				{Full: "Pyotr Ilyich IVANOV", Kind: sanctions.Primary, Family: "IVANOV", Given: "Pyotr Ilyich"}, {Full: "Пётр Иванов", Kind: sanctions.Native},
			},
			Births:        []sanctions.Birth{{From: sanctions.Date{Year: 1968}, Place: "Riga, Latvia", Country: "LV"}},
			Nationalities: []string{"RU"}, Identifiers: []sanctions.Identifier{{Kind: sanctions.Passport, Value: "99"}},
			Listed: sanctions.Date{Year: 2020, Month: 7, Day: 30},
		}},
		{"un", sanctions.DecodeUN(text(unXML)), &sanctions.Subject{
			List: "un", ID: "690", Kind: sanctions.Person, Programmes: []string{"DPRK"},
			Names: []sanctions.Name{
				{Full: "KIM EXAMPLE", Kind: sanctions.Primary}, {Full: "김", Kind: sanctions.Native}, {Full: "KIM E", Kind: sanctions.Alias, Weak: true},
			},
			Births:        []sanctions.Birth{{From: sanctions.Date{Year: 1960}, To: sanctions.Date{Year: 1962}}},
			Nationalities: []string{"KP"}, Identifiers: []sanctions.Identifier{{Kind: sanctions.OtherID, Value: "KPi.001", Label: "UN reference"}},
			Listed: sanctions.Date{Year: 2009, Month: 7, Day: 16},
		}},
		{"eu", sanctions.DecodeEUXML(text(euXML)), &sanctions.Subject{
			List: "eu", ID: "13", Kind: sanctions.Person, Programmes: []string{"CYB"}, Gender: "male",
			Names: []sanctions.Name{
				{Full: "Pyotr Ivanov", Kind: sanctions.Primary, Number: "1"}, {Full: "Пётр Иванов", Kind: sanctions.Alias, Weak: true, Number: "2"},
			},
			Births:        []sanctions.Birth{{From: sanctions.Date{Year: 1983, Circa: true}, Place: "Riga", Country: "LV"}},
			Nationalities: []string{"RU"},
			Identifiers:   []sanctions.Identifier{{Kind: sanctions.OtherID, Value: "EU.1.2", Label: "EU reference"}, {Kind: sanctions.Passport, Value: "77", Country: "RU"}},
			Listed:        sanctions.Date{Year: 2020, Month: 7, Day: 30},
		}},
		{"eu csv", sanctions.DecodeEU(text(euCSV)), &sanctions.Subject{
			List: "eu", ID: "13", Kind: sanctions.Person, Programmes: []string{"CYB"},
			Names:         []sanctions.Name{{Full: "Pyotr Ivanov", Kind: sanctions.Primary}, {Full: "Petya", Kind: sanctions.Alias}},
			Nationalities: []string{"RU"}, Listed: sanctions.Date{Year: 2020, Month: 7, Day: 30},
		}},
		{"opensanctions", sanctions.DecodeOpenSanctions(text(ftmLines)), &sanctions.Subject{
			List: "opensanctions", ID: "NK-1", Kind: sanctions.Person, Programmes: []string{"us_ofac_sdn"},
			Names: []sanctions.Name{
				{Full: "Pyotr Ivanov", Kind: sanctions.Primary}, {Full: "Пётр Иванов", Kind: sanctions.Spelling}, {Full: "Slavik", Kind: sanctions.Alias, Weak: true},
			},
			Births: []sanctions.Birth{{From: sanctions.Date{Year: 1983, Month: 10}}}, Nationalities: []string{"RU"},
			Identifiers: []sanctions.Identifier{{Kind: sanctions.Passport, Value: "77", Label: "passportNumber"}},
			Updated:     sanctions.Date{Year: 2024, Month: 3, Day: 1},
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, problems, err := read(c.list)
			if err != nil || len(problems) != 0 || len(got) != 1 {
				t.Fatalf("%d subjects, error %v, problems %v", len(got), err, problems)
			}
			if diff := cmp.Diff(c.want, got[0]); diff != "" {
				t.Error(diff)
			}
		})
	}
}

const (
	ofacXML = `<?xml version="1.0"?><sdnList xmlns="https://sanctionslistservice.ofac.treas.gov/api/PublicationPreview/exports/XML"><publshInformation><Publish_Date>01/02/2024</Publish_Date></publshInformation>
<sdnEntry><uid>36</uid><firstName>Pyotr</firstName><lastName>IVANOV</lastName><sdnType>Individual</sdnType><programList><program>CYBER2</program></programList>
<idList><id><uid>1</uid><idType>Passport</idType><idNumber>123456</idNumber><idCountry>Russia</idCountry></id><id><idType>Gender</idType><idNumber>Male</idNumber></id>
<id><idType>Digital Currency Address - XBT</idType><idNumber>12VrYZgS1nmf9KHHped24xBb1aLLRpV2cT</idNumber></id><id><idType>Secondary sanctions risk:</idType><idNumber>See Section</idNumber></id></idList>
<akaList><aka><uid>12</uid><type>a.k.a.</type><category>weak</category><lastName>SLAVIK</lastName></aka></akaList>
<addressList><address><uid>25</uid><address1>1 Street</address1><city>Moscow</city><country>Russia</country></address></addressList>
<nationalityList><nationality><uid>1</uid><country>Russia</country></nationality></nationalityList>
<dateOfBirthList><dateOfBirthItem><uid>1</uid><dateOfBirth>28 Oct 1983</dateOfBirth></dateOfBirthItem></dateOfBirthList>
<placeOfBirthList><placeOfBirthItem><uid>1</uid><placeOfBirth>Riga, Latvia</placeOfBirth></placeOfBirthItem></placeOfBirthList></sdnEntry></sdnList>`
	ukXML = `<Designations><DateGenerated>1</DateGenerated><Designation><LastUpdated></LastUpdated><DateDesignated>30/07/2020</DateDesignated><UniqueID>CYB0007</UniqueID>
<Names><Name><Name1>Pyotr</Name1><Name2>Ilyich</Name2><Name6>IVANOV</Name6><NameType>Primary Name</NameType></Name></Names>
<NonLatinNames><NonLatinName><NameNonLatinScript>Пётр Иванов</NameNonLatinScript></NonLatinName></NonLatinNames><RegimeName>Cyber</RegimeName>
<IndividualEntityShip>Individual</IndividualEntityShip><UKStatementofReasons>Reasons.</UKStatementofReasons>
<IndividualDetails><Individual><DOBs><DOB>dd/mm/1968</DOB></DOBs><BirthDetails><Location><TownOfBirth>Riga</TownOfBirth><CountryOfBirth>Latvia</CountryOfBirth></Location></BirthDetails>
<Nationalities><Nationality>Russia</Nationality></Nationalities><PassportDetails><Passport><PassportNumber>99</PassportNumber></Passport></PassportDetails></Individual></IndividualDetails></Designation></Designations>`
	unXML = `<CONSOLIDATED_LIST dateGenerated="2024-01-01T00:00:00Z"><INDIVIDUALS><INDIVIDUAL><DATAID>690</DATAID><FIRST_NAME>KIM</FIRST_NAME><SECOND_NAME>EXAMPLE</SECOND_NAME><UN_LIST_TYPE>DPRK</UN_LIST_TYPE>
<REFERENCE_NUMBER>KPi.001</REFERENCE_NUMBER><LISTED_ON>2009-07-16</LISTED_ON><NAME_ORIGINAL_SCRIPT>김</NAME_ORIGINAL_SCRIPT><NATIONALITY><VALUE>Democratic People's Republic of Korea</VALUE></NATIONALITY>
<INDIVIDUAL_ALIAS><QUALITY>Low</QUALITY><ALIAS_NAME>KIM E</ALIAS_NAME></INDIVIDUAL_ALIAS><INDIVIDUAL_ADDRESS><COUNTRY/></INDIVIDUAL_ADDRESS>
<INDIVIDUAL_DATE_OF_BIRTH><TYPE_OF_DATE>BETWEEN</TYPE_OF_DATE><FROM_YEAR>1960</FROM_YEAR><TO_YEAR>1962</TO_YEAR></INDIVIDUAL_DATE_OF_BIRTH></INDIVIDUAL></INDIVIDUALS></CONSOLIDATED_LIST>`
	euXML = `<export xmlns="http://eu.europa.ec/fpi/fsd/export"><sanctionEntity designationDate="" unitedNationId="" euReferenceNumber="EU.1.2" logicalId="13">
<regulation publicationDate="2020-07-30" programme="CYB"/><subjectType code="person" classificationCode="P"/>
<nameAlias wholeName="Pyotr Ivanov" gender="M" strong="true" logicalId="1"/><nameAlias wholeName="Пётр Иванов" strong="false" logicalId="2"/>
<citizenship countryIso2Code="RU" countryDescription="RUSSIAN FEDERATION"/><birthdate circa="true" year="1983" city="Riga" countryIso2Code="LV"/>
<identification identificationTypeCode="passport" number="77" countryIso2Code="RU"/></sanctionEntity></export>`
	euCSV = "Entity_LogicalId;Entity_SubjectType;Entity_Regulation_Programme;Entity_Regulation_PublicationDate;NameAlias_WholeName;Citizenship_CountryIso2Code\n" +
		"13;P;CYB;2020-07-30;Pyotr Ivanov;\n13;P;CYB;;Petya;\n13;P;CYB;;;RU\n"
	ftmLines = `{"id":"NK-1","caption":"Pyotr Ivanov","schema":"Person","target":true,"datasets":["us_ofac_sdn"],"last_change":"2024-03-01T10:00:00","properties":{"name":["Pyotr Ivanov","Пётр Иванов"],"weakAlias":["Slavik"],"birthDate":["1983-10"],"nationality":["ru"],"passportNumber":["77"],"sanctions":[{"id":"x","schema":"Sanction"}]}}
{"id":"o1","schema":"Ownership","properties":{"owner":["NK-1"]}}
{"id":"NK-2","caption":"A relative","schema":"Person","target":false,"properties":{"name":["A relative"],"topics":["role.rca"]}}`
)

func TestEntitiesAndBombsAreRefused(t *testing.T) {
	bomb := `<?xml version="1.0"?><!DOCTYPE lolz [<!ENTITY a "ha"><!ENTITY b "&a;&a;">]><sdnList><sdnEntry><uid>&b;</uid></sdnEntry></sdnList>`
	outside := `<!DOCTYPE sdnList SYSTEM "file:///etc/passwd"><sdnList/>`
	inside := `<sdnList><sdnEntry><!DOCTYPE x [<!ENTITY a "b">]><uid>1</uid></sdnEntry></sdnList>`
	for _, s := range []string{bomb, outside, inside} {
		if _, _, err := read(sanctions.DecodeOFACXML(text(s))); !errors.Is(err, sanctions.ErrEntities) {
			t.Errorf("%.40s: error %v, want ErrEntities", s, err)
		}
	}
	if got, _, err := read(sanctions.DecodeOFACXML(text(`<sdnList><sdnEntry><uid>&unknown;</uid></sdnEntry></sdnList>`))); err == nil || len(got) != 0 {
		t.Errorf("an entity that is not declared was read: %v", got)
	}
	for name, s := range map[string]string{
		"deep":    "<sdnList>" + strings.Repeat("<a>", 1000),
		"entry":   "<sdnList><sdnEntry>" + strings.Repeat("<a>", 1000),
		"wide":    "<sdnList><sdnEntry>" + strings.Repeat("<a/>", 200_000),
		"text":    "<sdnList><sdnEntry><uid>" + strings.Repeat("a", 3<<20) + "</uid></sdnEntry></sdnList>",
		"comment": "<sdnList><!--" + strings.Repeat("a", 3<<20) + "--></sdnList>",
	} {
		if _, _, err := read(sanctions.DecodeOFACXML(text(s))); !errors.Is(err, sanctions.ErrTooLarge) {
			t.Errorf("%s: error %v, want ErrTooLarge", name, err)
		}
	}
	if _, _, err := read(sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: text(`1,"` + strings.Repeat("a\n", 2<<20))})); !errors.Is(err, sanctions.ErrTooLarge) {
		t.Errorf("a quote without an end: error %v, want ErrTooLarge", err)
	}
}

// rows makes n entries of OFAC's list, without those that skip names.
func rows(n int, skip func(int) bool, remark string) sanctions.Subjects {
	var b strings.Builder
	for i := range n {
		if skip == nil || !skip(i) {
			r := remark
			if i != 7 {
				r = "-0- "
			}
			b.WriteString(strings.ReplaceAll(`ID,"NAME ID",-0- ,"CYBER2",-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,-0- ,`, "ID", string(rune('1'+i/1000))+pad(i)) + r + "\n")
		}
	}
	return sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: strings.NewReader(b.String())})
}

func pad(i int) string {
	return string([]byte{byte('0' + i/100%10), byte('0' + i/10%10), byte('0' + i%10)})
}

func take(t *testing.T, list sanctions.Subjects, asOf string) *sanctions.Version {
	t.Helper()
	d, _ := sanctions.ParseDate(asOf)
	v, err := sanctions.Take(list, sanctions.OFAC, d)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDifferencesOfTwoVersions(t *testing.T) {
	older := take(t, rows(500, func(i int) bool { return i == 3 }, `"DOB 1983."`), "2024-05-01")
	newer := take(t, rows(500, func(i int) bool { return i == 40 || i == 499 }, `"DOB 1984."`), "2024-05-02")
	got, err := sanctions.Compare(older, newer)
	if err != nil {
		t.Fatal(err)
	}
	after, by := older.AsOf, newer.AsOf
	cyber := []string{"CYBER2"}
	want := []sanctions.Change{
		{Kind: sanctions.Listed, ID: "1003", Name: "NAME 1003", After: after, By: by, Programmes: cyber},
		{Kind: sanctions.Changed, ID: "1007", Name: "NAME 1007", After: after, By: by, Programmes: cyber, Fields: []string{"births", "remarks"}},
		{Kind: sanctions.Lifted, ID: "1040", Name: "NAME 1040", After: after, By: by, Programmes: cyber},
		{Kind: sanctions.Lifted, ID: "1499", Name: "NAME 1499", After: after, By: by, Programmes: cyber},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Error(diff)
	}
}

func TestATruncatedListLiftsNobody(t *testing.T) {
	older := take(t, rows(500, nil, "-0- "), "2024-05-01")
	for name, skip := range map[string]func(int) bool{
		"half":    func(i int) bool { return i >= 250 },
		"tail":    func(i int) bool { return i >= 495 },
		"holes":   func(i int) bool { return i%5 == 0 },
		"nothing": func(int) bool { return true },
	} {
		newer := take(t, rows(500, skip, "-0- "), "2024-05-02")
		got, err := sanctions.Compare(older, newer)
		if !errors.Is(err, sanctions.ErrTruncated) || len(got) != 0 || !strings.Contains(err.Error(), "of 500 subjects are missing (1") {
			t.Errorf("%s: %d changes, error %v", name, len(got), err)
		}
		newer.Whole = true
		if got, err = sanctions.Compare(older, newer); err != nil || len(got) == 0 {
			t.Errorf("%s marked as whole: %d changes, error %v", name, len(got), err)
		}
	}
}

func TestDates(t *testing.T) {
	for in, want := range map[string]string{
		"28 Oct 1983": "1983-10-28", "Oct 1983": "1983-10", "1983": "1983", "circa 1983": "circa 1983", "28/10/1983": "1983-10-28",
		"dd/mm/1968": "1968", "dd/05/1968": "1968-05", "00/00/1968": "1968", "2009-07-16": "2009-07-16", "2009-07-16T00:00:00": "2009-07-16",
		"1 January 1960": "1960-01-01", "35/10/1983": "", "then": "", "": "", "31 Foo 1983": "",
	} {
		d, ok := sanctions.ParseDate(in)
		if d.String() != want || ok != (want != "") {
			t.Errorf("%q gives %q, want %q", in, d, want)
		}
	}
}

// TestPublishedLists reads the lists as they were published.
func TestPublishedLists(t *testing.T) {
	data := os.Getenv("MARQUE_DATA")
	if data == "" {
		t.Skip("MARQUE_DATA is not set: the lists are not part of the repository")
	}
	open := func(name string) io.Reader {
		b, err := os.ReadFile(filepath.Join(data, "sanctions", name))
		if err != nil {
			t.Fatal(err)
		}
		z, err := gzip.NewReader(bytes.NewReader(b))
		if err != nil {
			t.Fatal(err)
		}
		return z
	}
	got, problems, err := read(sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: open("ofac/sdn.csv.gz"), Alt: open("ofac/alt.csv.gz"), Add: open("ofac/add.csv.gz")}))
	if err != nil || len(problems) != 0 || len(got) != 8976 {
		t.Errorf("OFAC: %d subjects, error %v, %d problems %.3q", len(got), err, len(problems), problems)
	}
	passports, births := 0, 0
	for _, s := range got {
		births += len(s.Births)
		for _, id := range s.Identifiers {
			if id.Kind == sanctions.Passport {
				passports++
			}
		}
	}
	if passports < 1000 || births < 4000 {
		t.Errorf("%d passports and %d births were taken out of the remarks", passports, births)
	}
	got, problems, err = read(sanctions.DecodeUK(sanctions.UKFiles{
		Subjects: open("uk/subjects.csv.gz"), Names: open("uk/subject_names.csv.gz"), Countries: open("uk/subject_countries.csv.gz"),
	}))
	if err != nil || len(problems) != 0 || len(got) != 6046 {
		t.Errorf("UK: %d subjects, error %v, %d problems", len(got), err, len(problems))
	}
	for _, s := range got {
		if s.Listed.IsZero() || s.Name() == "" {
			t.Errorf("%s has no date or no name: %+v", s.ID, s)
			break
		}
	}
}

func drain(list sanctions.Subjects) {
	for s := range list {
		if s != nil {
			_ = s.Name()
		}
	}
}

func FuzzOFAC(f *testing.F) {
	f.Add(sdnRows, altRows, addRows)
	f.Fuzz(func(_ *testing.T, sdn, alt, addr string) {
		drain(sanctions.DecodeOFAC(sanctions.OFACFiles{SDN: strings.NewReader(sdn), Alt: strings.NewReader(alt), Add: strings.NewReader(addr)}))
	})
}

func FuzzUK(f *testing.F) {
	f.Add(ukSubjects, ukNames, ukLands)
	f.Fuzz(func(_ *testing.T, subjects, names, lands string) {
		drain(sanctions.DecodeUK(sanctions.UKFiles{Subjects: strings.NewReader(subjects), Names: strings.NewReader(names), Countries: strings.NewReader(lands)}))
	})
}

func FuzzXML(f *testing.F) {
	for _, s := range []string{ofacXML, ukXML, unXML, euXML} {
		f.Add(s)
	}
	f.Fuzz(func(_ *testing.T, s string) {
		drain(sanctions.DecodeOFACXML(strings.NewReader(s)))
		drain(sanctions.DecodeUKXML(strings.NewReader(s)))
		drain(sanctions.DecodeUN(strings.NewReader(s)))
		drain(sanctions.DecodeEUXML(strings.NewReader(s)))
	})
}

func FuzzLines(f *testing.F) {
	f.Add(ftmLines, euCSV)
	f.Fuzz(func(_ *testing.T, ftm, eu string) {
		drain(sanctions.DecodeOpenSanctions(strings.NewReader(ftm)))
		drain(sanctions.DecodeEU(strings.NewReader(eu)))
		drain(sanctions.DecodeWallets(sanctions.OFAC, "XBT", strings.NewReader(ftm)))
	})
}
