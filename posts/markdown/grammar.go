package markdown

import (
	"strings"
	"sync"
)

// grammar is what the highlighter knows of a language.
type grammar struct {
	paint          func(*painter, *grammar)
	line           []string    // starts of comments that end with the line
	block          [][2]string // comments with a start and an end
	quotes         []string    // signs around strings, the longest first
	raw            string      // quotes in which a backslash is no escape
	words          map[string]class
	sigil          byte // begins a variable: $x, @x
	fold           bool // words are known in any case
	dashes         bool // words may hold hyphens
	dotted         bool // words behind a dot count
	noCalls        bool // a word before a bracket is no function
	keys           bool // a string before a colon is a key
	hashAfterSpace bool // # begins a comment only after a space
	sections       bool // [section] lines
	assign         string
}

// grammars are made when the first code block is coloured.
var grammars = sync.OnceValue(newGrammars)

// grammarOf returns nil for a language that is not known.
func grammarOf(language string) *grammar {
	if language == "" {
		return nil
	}
	g := grammars()
	if found := g[language]; found != nil {
		return found
	}
	return nil
}

func vocabulary(keywords, types string) map[string]class {
	m := map[string]class{}
	for _, w := range strings.Fields(types) {
		m[w] = classType
	}
	for _, w := range strings.Fields(keywords) {
		m[w] = classKeyword
	}
	return m
}

var (
	slashes = []string{"//"}
	hash    = []string{"#"}
	stars   = [][2]string{{"/*", "*/"}}
	quotes  = []string{`"`, `'`}
)

// family makes a grammar in the manner of C.
func family(keywords, types string, quotes ...string) *grammar {
	return &grammar{paint: paintCode, line: slashes, block: stars, quotes: quotes, words: vocabulary(keywords, types)}
}

// script makes a grammar with # for comments.
func script(keywords, types string, quotes ...string) *grammar {
	return &grammar{paint: paintCode, line: hash, quotes: quotes, words: vocabulary(keywords, types)}
}

func newGrammars() map[string]*grammar {
	m := map[string]*grammar{}
	add := func(g *grammar, names string) {
		for _, name := range strings.Fields(names) {
			m[name] = g
		}
	}
	addFamilies(add)
	addScripts(add)
	addData(add)
	return m
}

func addFamilies(add func(*grammar, string)) {
	const flow = "if else for while do switch case default break continue return "
	golang := family(flow+"func var const type struct interface map chan go defer select range package import fallthrough goto nil true false iota",
		"string int int8 int16 int32 int64 uint uint8 uint16 uint32 uint64 byte rune bool error float32 float64 any uintptr complex128 make new len cap append copy delete panic recover print println close min max clear", `"`, "`", "'")
	golang.raw = "`"
	add(golang, "go golang")
	const c = flow + "auto const enum extern goto inline register restrict sizeof static struct typedef union volatile NULL true false "
	const ctypes = "void char short int long float double signed unsigned bool size_t ssize_t int8_t int16_t int32_t int64_t uint8_t uint16_t uint32_t uint64_t FILE "
	cg := family(c, ctypes, quotes...)
	cg.sigil = '#'
	add(cg, "c h arduino ino")
	cpp := family(c+"class namespace template typename using new delete this public private protected virtual override final try catch throw nullptr constexpr noexcept decltype operator friend explicit mutable concept requires co_await co_return co_yield export import module static_cast dynamic_cast const_cast reinterpret_cast",
		ctypes+"string vector map set unordered_map wchar_t std", quotes...)
	cpp.sigil = '#'
	add(cpp, "cpp c++ cc cxx hpp cuda cu objc objective-c objectivec glsl hlsl")
	const js = flow + "var let const function class extends new delete typeof instanceof in of this super import export from as async await yield try catch finally throw void null undefined true false static get set debugger with "
	add(family(js, "Array Object String Number Boolean Promise Map Set Date RegExp Error JSON Math console window document module require process", `"`, "'", "`"), "js javascript jsx mjs cjs node")
	add(family(js+"interface type enum implements namespace declare readonly abstract public private protected keyof infer is satisfies override", "string number boolean any unknown never object Array Promise Record Partial Map Set console", `"`, "'", "`"), "ts typescript tsx")
	add(family(flow+"abstract assert class enum extends final finally implements import instanceof interface native new package private protected public static strictfp super synchronized this throw throws transient try catch volatile var record sealed permits yield null true false", "boolean byte char double float int long short void String Integer Long Object List Map Set Optional", `"""`, `"`, "'"), "java")
	add(family(flow+"fun val var class object interface when in is as by companion data sealed inline import package private public protected internal override open abstract suspend try catch finally throw this super null true false it lateinit const typealias", "Int Long String Boolean Double Float Unit Any List Map Set", `"""`, `"`, "'"), "kotlin kt kts")
	add(family(flow+"abstract as base class const decimal delegate enum event explicit extern finally fixed foreach goto implicit in interface internal is lock namespace new null operator out override params private protected public readonly ref sealed sizeof static this throw try catch typeof unchecked unsafe using virtual volatile async await var get set record init yield where select from true false", "bool byte char double float int long object sbyte short string uint ulong ushort void dynamic Task List", `"`, "'"), "cs csharp c#")
	rust := family(flow+"as async await const crate dyn enum extern fn impl in let loop match mod move mut pub ref self Self static struct super trait type union unsafe use where true false", "i8 i16 i32 i64 i128 isize u8 u16 u32 u64 u128 usize f32 f64 bool char str String Vec Option Result Some None Ok Err Box Rc Arc HashMap", `"`)
	add(rust, "rust rs")
	add(family(flow+"func var let class struct enum protocol extension import in guard where as is try catch throw throws rethrows defer repeat self Self super init deinit static public private internal fileprivate open override lazy weak inout mutating associatedtype typealias async await some any nil true false", "Int String Bool Double Float Array Dictionary Set Optional Any Character Void", `"""`, `"`), "swift")
	add(family(flow+"abstract as assert async await class const covariant dynamic enum export extends extension factory final get hide implements import in interface is late library mixin new null on operator part required rethrow set show static super sync this throw try catch finally typedef var with yield true false", "int double num bool String List Map Set Future Stream void Object", `'''`, `"""`, `"`, "'"), "dart")
	add(family(flow+"object class trait def val var extends with match yield import package private protected override implicit lazy sealed abstract final new this super throw try catch finally type given using then null true false", "Int Long String Boolean Double Unit Any List Map Set Option Some None Seq Future", `"""`, `"`), "scala groovy gradle")
	add(family(flow+"const var fn pub struct enum union error test defer errdefer try catch orelse comptime inline export extern usingnamespace async await suspend resume unreachable undefined null true false and or", "u8 u16 u32 u64 i8 i16 i32 i64 usize isize f32 f64 bool void type anytype", `"`, "'"), "zig")
	php := family(flow+"abstract and array as callable catch class clone const declare echo elseif empty endif endforeach extends final finally fn foreach function global goto implements include include_once instanceof insteadof interface isset list match namespace new or print private protected public readonly require require_once static throw trait try unset use var xor yield null true false", "int string bool float mixed void self parent iterable object", quotes...)
	php.line, php.sigil = []string{"//", "#"}, '$'
	add(php, "php")
	add(family("message enum service rpc returns option import package syntax repeated optional required oneof map reserved extend stream true false", "string bool bytes int32 int64 uint32 uint64 sint32 sint64 fixed32 fixed64 double float", quotes...), "proto protobuf thrift")
	css := family("important", "", quotes...)
	css.sigil, css.dashes = '@', true
	add(css, "css scss less sass stylus")
}

func addScripts(add func(*grammar, string)) {
	python := script("and as assert async await break class continue def del elif else except finally for from global if import in is lambda nonlocal not or pass raise return try while with yield match case None True False self cls",
		"int str float bool bytes list dict set tuple object type len print range enumerate zip map filter sorted open super isinstance Exception ValueError TypeError KeyError", `"""`, `'''`, `"`, "'")
	python.sigil = '@'
	add(python, "python py python3 py3 pycon ipython starlark bazel")
	ruby := script("alias and begin BEGIN break case class def defined do else elsif end END ensure false for if in module next nil not or redo rescue retry return self super then true undef unless until when while yield require require_relative include extend attr_accessor attr_reader private public protected raise lambda proc puts", "", quotes...)
	ruby.sigil = '@'
	add(ruby, "ruby rb erb gemfile rakefile crystal")
	shell := script("if then else elif fi for while until do done case esac in function select time return exit break continue local export readonly declare unset shift source alias eval exec trap set", "echo printf read cd ls cat grep sed awk find sudo apt yum dnf brew git docker kubectl curl wget ssh scp tar chmod chown mkdir rm cp mv ln npm yarn pnpm pip python go cargo make hexo hugo systemctl", quotes...)
	shell.sigil, shell.dashes, shell.noCalls, shell.hashAfterSpace, shell.raw = '$', true, true, true, "'"
	add(shell, "bash sh shell zsh console terminal shell-session shellsession fish ksh")
	add(script("BEGIN END if else while for function return next exit print printf getline my our local sub use package require foreach unless until last die warn and or not eq ne lt gt le ge undef", "", quotes...), "perl pl awk")
	r := script("if else for while repeat function break next return TRUE FALSE NULL NA Inf NaN in library require", "c list data.frame matrix factor print paste length", quotes...)
	add(r, "r elixir ex exs julia jl nim")
	add(script("FROM RUN CMD LABEL MAINTAINER EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ARG ONBUILD STOPSIGNAL HEALTHCHECK SHELL AS", "", quotes...), "dockerfile docker")
	makefile := script("include ifeq ifneq ifdef ifndef else endif define endef export override define", "", quotes...)
	makefile.sigil = '$'
	add(makefile, "makefile make cmake")
	nginx := script("server location upstream http events listen server_name root index proxy_pass proxy_set_header return rewrite if include add_header try_files ssl_certificate ssl_certificate_key gzip expires alias on off", "", quotes...)
	nginx.sigil, nginx.noCalls = '$', true
	add(nginx, "nginx apache apacheconf caddyfile")
	power := script("function param if else elseif foreach for while do switch return try catch finally throw begin process end filter in break continue", "", quotes...)
	power.sigil, power.dashes, power.fold = '$', true, true
	power.block = [][2]string{{"<#", "#>"}}
	add(power, "powershell ps1 pwsh")
	sql := &grammar{paint: paintCode, line: []string{"--", "# "}, block: stars, quotes: []string{"'", `"`, "`"}, fold: true,
		words: vocabulary("select from where and or not in is null insert into values update set delete create table alter drop index view join left right inner outer full cross on as order by group having limit offset union all distinct case when then else end primary key foreign references unique default check constraint if exists begin commit rollback transaction with recursive returning grant revoke database schema use show explain analyze trigger procedure function declare cursor between like ilike asc desc over partition cascade auto_increment engine true false",
			"int integer bigint smallint tinyint decimal numeric float double real char varchar text blob date time datetime timestamp boolean bool json jsonb uuid serial bytea count sum avg min max coalesce now")}
	add(sql, "sql mysql postgresql postgres pgsql plsql sqlite tsql mariadb clickhouse hive")
	lua := &grammar{paint: paintCode, line: []string{"--"}, quotes: quotes, words: vocabulary("and break do else elseif end false for function goto if in local nil not or repeat return then true until while require self", "")}
	add(lua, "lua")
	haskell := &grammar{paint: paintCode, line: []string{"--"}, block: [][2]string{{"{-", "-}"}}, quotes: []string{`"`}, noCalls: true,
		words: vocabulary("case class data default deriving do else foreign if import in infix infixl infixr instance let module newtype of then type where qualified as hiding forall", "Int Integer String Char Bool Maybe Just Nothing Either Left Right IO True False Double Float")}
	add(haskell, "haskell hs elm ocaml ml fsharp purescript")
	lisp := &grammar{paint: paintCode, line: []string{";"}, quotes: []string{`"`}, dashes: true, noCalls: true,
		words: vocabulary("def defn defun defmacro define lambda let let* letrec if cond when unless do loop recur fn ns require setq begin quote and or not nil true false t progn", "")}
	add(lisp, "lisp clojure clj scheme racket elisp emacs-lisp common-lisp")
	tex := &grammar{paint: paintCode, line: []string{"%"}, sigil: '\\', words: map[string]class{}, noCalls: true}
	add(tex, "tex latex bibtex matlab octave")
	vim := &grammar{paint: paintCode, quotes: []string{"'"}, words: vocabulary("set let if else elseif endif for endfor while endwhile function endfunction call return map nmap imap vmap noremap nnoremap inoremap vnoremap autocmd augroup command syntax highlight colorscheme plug source", "")}
	add(vim, "vim viml vimscript")
}

func addData(add func(*grammar, string)) {
	json := &grammar{paint: paintCode, line: slashes, block: stars, quotes: quotes, keys: true, words: vocabulary("true false null", "")}
	add(json, "json json5 jsonc jsonl geojson webmanifest graphql gql")
	values := vocabulary("true false null yes no on off True False Null", "")
	yaml := &grammar{paint: paintKeys, line: hash, quotes: quotes, words: values, hashAfterSpace: true, noCalls: true, assign: ":", dashes: true}
	add(yaml, "yaml yml docker-compose")
	toml := &grammar{paint: paintKeys, line: []string{"#", ";"}, quotes: []string{`"""`, `'''`, `"`, "'"}, words: values, hashAfterSpace: true, noCalls: true, assign: "=:", sections: true, dashes: true}
	add(toml, "toml ini conf cfg properties env dotenv gitconfig editorconfig systemd desktop hcl terraform tf")
	add(&grammar{paint: paintMarkup}, "html xml svg vue xhtml htm svelte astro rss atom xsl wxml xaml plist markup handlebars ejs jinja jinja2 nunjucks njk liquid twig")
	add(&grammar{paint: paintDiff}, "diff patch udiff")
}
