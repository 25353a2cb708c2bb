package validate_test

import (
	"fmt"
	"os"
	"strings"

	"marque/stix/validate"
)

func ExampleObject() {
	object := `{"type":"campaign","spec_version":"2.1","id":"campaign--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f",
  "created":"2016-04-06T20:03:00.000Z","modified":"2016-04-06T20:03:00.000Z","name":"Green Group",
  "first_seen":"2016-03-02T00:00:00Z","last_seen":"2016-03-01T00:00:00Z"}`
	for _, f := range validate.Object([]byte(object), validate.Options{}) {
		fmt.Printf("line %d: %s\n", f.Line, f)
	}
	// Output:
	// line 3: /last_seen: error: last_seen is before first_seen (timestamp-order, section 4.2)
}

func ExampleBundle() {
	bundle := strings.NewReader(`{"type":"bundle","id":"bundle--5d0092c5-5f74-4287-9642-33f4c354e56d","objects":[
  {"type":"mutex","id":"mutex--f93fe911-e545-5239-b9b0-597840d0c871","name":"__CLEANSWEEP__","owner":"x"}]}`)
	text := validate.Text{W: os.Stdout, Name: "feed.json"}
	summary, err := validate.Bundle(bundle, validate.Options{}, text.Finding)
	if err != nil {
		fmt.Println(err)
	}
	if err := text.Close(summary); err != nil {
		fmt.Println(err)
	}
	// Output:
	// feed.json:2:102: warning: /objects/0/owner: owner is not a property of the specification [mutex--f93fe911-e545-5239-b9b0-597840d0c871] (custom-property, section 11.1)
	//     check the spelling; own properties need an extension definition, or at least the prefix x_
	// feed.json: valid STIX 2.1: 1 object, 0 errors, 1 warning
}

func ExampleLift() {
	objects, _ := validate.Lift([]byte(`{"type":"tool","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","labels":["remote-access"],"name":"VNC"}`))
	for _, object := range objects {
		fmt.Println(object)
	}
	// Output:
	// {"type":"tool","spec_version":"2.1","id":"tool--8e2e2d2b-17d4-4cbf-938f-98ee46b3cd3f","tool_types":["remote-access"],"name":"VNC"}
}
