package report

import (
	"archive/zip"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
	"time"

	"marque/internal/plain"
)

// DOCX writes the brief as a document of Office Open XML (ECMA-376, transitional): headings, lists and tables in styles, so that a word
// processor makes its own contents and the reader its own changes. The same brief gives the same bytes.
func DOCX(w io.Writer, b *Brief) error {
	z := zip.NewWriter(w)
	for _, part := range []struct{ name, body string }{
		{"[Content_Types].xml", docxTypes},
		{"_rels/.rels", docxRels},
		{"word/_rels/document.xml.rels", docxDocumentRels},
		{"word/styles.xml", docxStyles},
		{"word/numbering.xml", docxNumbering},
		{"word/header1.xml", docxMarking("hdr", b.Level.String())},
		{"word/footer1.xml", docxMarking("ftr", b.Level.String())},
		{"docProps/core.xml", docxCore(b)},
		{"word/document.xml", docxBody(b)},
	} {
		f, err := z.CreateHeader(&zip.FileHeader{Name: part.name, Method: zip.Deflate, Modified: b.Generated.Time().UTC()})
		if err != nil {
			return fmt.Errorf("brief as DOCX: %w", err)
		}
		if _, err := io.WriteString(f, xml.Header+part.body); err != nil {
			return fmt.Errorf("brief as DOCX: %w", err)
		}
	}
	if err := z.Close(); err != nil {
		return fmt.Errorf("brief as DOCX: %w", err)
	}
	return nil
}

const (
	docxTypes = `<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/><Default Extension="xml" ContentType="application/xml"/>` +
		`<Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
		`<Override PartName="/word/styles.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.styles+xml"/>` +
		`<Override PartName="/word/numbering.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.numbering+xml"/>` +
		`<Override PartName="/word/header1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.header+xml"/>` +
		`<Override PartName="/word/footer1.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.footer+xml"/>` +
		`<Override PartName="/docProps/core.xml" ContentType="application/vnd.openxmlformats-package.core-properties+xml"/></Types>`
	docxRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument" Target="word/document.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/package/2006/relationships/metadata/core-properties" Target="docProps/core.xml"/></Relationships>`
	docxDocumentRels = `<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships"><Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/styles" Target="styles.xml"/>` +
		`<Relationship Id="rId2" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/numbering" Target="numbering.xml"/>` +
		`<Relationship Id="rId3" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/header" Target="header1.xml"/>` +
		`<Relationship Id="rId4" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/footer" Target="footer1.xml"/></Relationships>`
	docxSpace  = `xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main" xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships"`
	docxStyles = `<w:styles ` + docxSpace + `><w:docDefaults><w:rPrDefault><w:rPr><w:rFonts w:ascii="Calibri" w:hAnsi="Calibri" w:cs="Calibri"/><w:sz w:val="21"/><w:lang w:val="en-GB"/></w:rPr></w:rPrDefault><w:pPrDefault><w:pPr><w:spacing w:after="80"/></w:pPr></w:pPrDefault></w:docDefaults>` +
		`<w:style w:type="paragraph" w:default="1" w:styleId="Normal"><w:name w:val="Normal"/></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Title"><w:name w:val="Title"/><w:pPr><w:spacing w:after="40"/></w:pPr><w:rPr><w:b/><w:sz w:val="40"/></w:rPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Heading1"><w:name w:val="heading 1"/><w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="320" w:after="100"/><w:outlineLvl w:val="0"/></w:pPr><w:rPr><w:b/><w:sz w:val="28"/><w:color w:val="1F4E8C"/></w:rPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Heading2"><w:name w:val="heading 2"/><w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="280" w:after="60"/><w:outlineLvl w:val="1"/></w:pPr><w:rPr><w:b/><w:sz w:val="25"/></w:rPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Heading3"><w:name w:val="heading 3"/><w:next w:val="Normal"/><w:pPr><w:keepNext/><w:spacing w:before="220" w:after="20"/><w:outlineLvl w:val="2"/></w:pPr><w:rPr><w:b/><w:sz w:val="22"/></w:rPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Remark"><w:name w:val="Remark"/><w:rPr><w:i/><w:color w:val="5B6675"/><w:sz w:val="19"/></w:rPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Field"><w:name w:val="Field"/><w:pPr><w:tabs><w:tab w:val="left" w:pos="1300"/></w:tabs><w:spacing w:after="40"/><w:ind w:left="1300" w:hanging="1300"/></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="ListBullet"><w:name w:val="List Bullet"/><w:pPr><w:numPr><w:numId w:val="1"/></w:numPr><w:spacing w:after="60"/></w:pPr></w:style>` +
		`<w:style w:type="paragraph" w:styleId="Marking"><w:name w:val="Marking"/><w:pPr><w:jc w:val="right"/></w:pPr><w:rPr><w:b/><w:sz w:val="18"/></w:rPr></w:style></w:styles>`
	docxNumbering = `<w:numbering ` + docxSpace + `><w:abstractNum w:abstractNumId="0"><w:lvl w:ilvl="0"><w:start w:val="1"/><w:numFmt w:val="bullet"/><w:lvlText w:val="•"/><w:lvlJc w:val="left"/><w:pPr><w:ind w:left="360" w:hanging="260"/></w:pPr></w:lvl></w:abstractNum>` +
		`<w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num></w:numbering>`
	docxPage = `<w:sectPr><w:headerReference w:type="default" r:id="rId3"/><w:footerReference w:type="default" r:id="rId4"/><w:pgSz w:w="11906" w:h="16838"/><w:pgMar w:top="1134" w:right="1020" w:bottom="1134" w:left="1020" w:header="567" w:footer="567" w:gutter="0"/></w:sectPr>`
)

// docxMarking is a header or footer with the level.
func docxMarking(kind, level string) string {
	return `<w:` + kind + ` ` + docxSpace + `>` + docxPara("Marking", docxRun(level, false)) + `</w:` + kind + `>`
}

func docxCore(b *Brief) string {
	return `<cp:coreProperties xmlns:cp="http://schemas.openxmlformats.org/package/2006/metadata/core-properties" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:dcterms="http://purl.org/dc/terms/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">` +
		`<dc:title>` + docxText(b.Title+" · "+b.window()) + `</dc:title><dc:creator>Marque</dc:creator><cp:keywords>` + docxText(b.Level.String()) + `</cp:keywords>` +
		`<dcterms:created xsi:type="dcterms:W3CDTF">` + b.Generated.Time().UTC().Format(time.RFC3339) + `</dcterms:created></cp:coreProperties>`
}

// docxText is text of a document as XML text: one line, without control characters.
func docxText(s string) string {
	var b strings.Builder
	_ = xml.EscapeText(&b, []byte(unbroken(s))) // a strings.Builder does not fail
	return b.String()
}

func docxRun(s string, bold bool) string {
	style := ""
	if bold {
		style = `<w:rPr><w:b/></w:rPr>`
	}
	return `<w:r>` + style + `<w:t xml:space="preserve">` + docxText(s) + `</w:t></w:r>`
}

func docxPara(style string, runs ...string) string {
	return `<w:p><w:pPr><w:pStyle w:val="` + style + `"/></w:pPr>` + strings.Join(runs, "") + `</w:p>`
}

func docxBody(b *Brief) string {
	var s strings.Builder
	s.WriteString(`<w:document ` + docxSpace + `><w:body>`)
	s.WriteString(docxPara("Title", docxRun(b.Title, false)) + docxPara("Remark", docxRun(b.Level.String()+" · "+b.window(), false)))
	if b.Note != "" {
		s.WriteString(docxPara("Remark", docxRun(plain.Line(b.Note), true)))
	}
	for _, x := range b.layout() {
		s.WriteString(docxBlock(&x))
	}
	s.WriteString(docxPage + `</w:body></w:document>`)
	return s.String()
}

var docxStyleOf = map[blockKind]string{
	sectionBlock: "Heading1", groupBlock: "Heading2", opBlock: "Heading3", metaBlock: "Remark", paraBlock: "Normal", itemBlock: "ListBullet",
}

func docxBlock(x *block) string {
	switch x.kind {
	case fieldBlock, refBlock:
		return docxPara("Field", docxRun(x.label, true), `<w:r><w:tab/></w:r>`, docxRun(x.text, false))
	case tableBlock:
		return docxTable(x.rows)
	case barsBlock:
		return docxTable(append([][]string{{"when", "with a state and a criminal side"}}, x.rows...))
	case pageBlock:
		return `<w:p><w:r><w:br w:type="page"/></w:r></w:p>`
	default:
		return docxPara(docxStyleOf[x.kind], docxRun(x.text, false))
	}
}

func docxTable(rows [][]string) string {
	var s strings.Builder
	s.WriteString(`<w:tbl><w:tblPr><w:tblW w:w="5000" w:type="pct"/><w:tblBorders><w:bottom w:val="single" w:sz="4" w:color="D8DEE6"/><w:insideH w:val="single" w:sz="4" w:color="D8DEE6"/></w:tblBorders></w:tblPr><w:tblGrid>`)
	s.WriteString(strings.Repeat(`<w:gridCol/>`, len(rows[0])) + `</w:tblGrid>`)
	for i, r := range rows {
		s.WriteString(`<w:tr><w:trPr><w:cantSplit/>`)
		if i == 0 {
			s.WriteString(`<w:tblHeader/>`)
		}
		s.WriteString(`</w:trPr>`)
		for _, c := range r {
			s.WriteString(`<w:tc><w:tcPr><w:tcW w:w="0" w:type="auto"/></w:tcPr>` + docxPara("Normal", docxRun(c, i == 0)) + `</w:tc>`)
		}
		s.WriteString(`</w:tr>`)
	}
	s.WriteString(`</w:tbl>` + docxPara("Normal"))
	return s.String()
}
