//! What an expression's value is, as far as it can be told, and what evaluating it imports and loads.

use ruff_python_ast::{
    BoolOp, CmpOp, Comprehension, Expr, ExprBoolOp, ExprCompare, ExprFString, ExprIf, FStringPart,
    InterpolatedStringElement, Number, Operator, UnaryOp,
};

use super::fact::Context;
use super::known;
use super::reader::Reader;
use super::value::{Value, all};

impl<'a> Reader<'a> {
    /// Evaluates an expression, its parts in order, and follows the calls in it.
    pub(super) fn eval(&mut self, expression: &'a Expr) -> Value {
        self.expressions += 1;
        match expression {
            Expr::Name(_) | Expr::Attribute(_) => {
                let value = self.reference(expression);
                self.constant(value)
            }
            Expr::Call(call) => self.call(call),
            Expr::StringLiteral(text) => Value::text(text.value.to_str()),
            Expr::NumberLiteral(number) => match &number.value {
                Number::Int(int) => int.as_i64().map_or(Value::Unknown, Value::Int),
                _ => Value::Unknown,
            },
            Expr::BooleanLiteral(literal) => Value::Bool(literal.value),
            Expr::NoneLiteral(_) => Value::None,
            Expr::Tuple(tuple) => self.sequence(&tuple.elts),
            Expr::List(list) => self.sequence(&list.elts),
            Expr::Set(set) => self.sequence(&set.elts),
            Expr::Dict(dict) => {
                for item in &dict.items {
                    if let Some(key) = &item.key {
                        self.eval(key);
                    }
                    self.eval(&item.value);
                }
                Value::Unknown
            }
            Expr::BoolOp(operation) => self.short_circuit(operation),
            Expr::UnaryOp(operation) => {
                let value = self.eval(&operation.operand);
                match (operation.op, &value) {
                    (UnaryOp::Not, _) => value.truth().map_or(Value::Unknown, |truth| Value::Bool(!truth)),
                    (UnaryOp::USub, Value::Int(number)) => number.checked_neg().map_or(Value::Unknown, Value::Int),
                    _ => Value::Unknown,
                }
            }
            Expr::BinOp(operation) => {
                let (left, right) = (self.eval(&operation.left), self.eval(&operation.right));
                Self::operation(operation.op, &left, &right)
            }
            Expr::Compare(comparison) => self.compare(comparison),
            Expr::If(choice) => self.conditional(choice),
            Expr::Named(named) => {
                let value = self.eval(&named.value);
                self.assign(&named.target, value.clone());
                value
            }
            Expr::Subscript(subscript) => {
                let value = self.eval(&subscript.value);
                if let Expr::Slice(slice) = &*subscript.slice {
                    let [lower, upper, step] = [&slice.lower, &slice.upper, &slice.step]
                        .map(|bound| bound.as_deref().map(|bound| self.eval(bound)));
                    return match (lower, upper, step) {
                        (None, Some(end), None) => value.start(&end),
                        (None, None, _) => value,
                        _ => Value::Unknown,
                    };
                }
                let index = self.eval(&subscript.slice);
                self.library_item(&value, &index, expression);
                value.item(&index)
            }
            Expr::FString(text) => self.f_string(text),
            Expr::ListComp(made) => self.comprehension(&made.generators, &made.elt),
            Expr::SetComp(made) => self.comprehension(&made.generators, &made.elt),
            Expr::Generator(made) => self.comprehension(&made.generators, &made.elt),
            Expr::DictComp(made) => {
                self.comprehension(&made.generators, &made.value);
                Value::Unknown
            }
            Expr::Starred(starred) => self.eval(&starred.value),
            Expr::Await(awaited) => {
                self.eval(&awaited.value);
                Value::Unknown
            }
            Expr::Yield(result) => {
                let value = result.value.as_deref().map_or(Value::None, |value| self.eval(value));
                self.frames.top().yielded.push(value);
                Value::Unknown
            }
            Expr::YieldFrom(result) => {
                let value = self.eval(&result.value).element();
                self.frames.top().yielded.push(value);
                Value::Unknown
            }
            Expr::Slice(_)
            | Expr::Lambda(_)
            | Expr::TString(_)
            | Expr::BytesLiteral(_)
            | Expr::EllipsisLiteral(_)
            | Expr::IpyEscapeCommand(_) => Value::Unknown,
        }
    }

    /// The value of a name or attribute, not yet replaced by what the standard library says it is.
    pub(super) fn reference(&mut self, expression: &'a Expr) -> Value {
        match expression {
            Expr::Name(name) => self.name(name.id.as_str()),
            Expr::Attribute(attribute) => {
                let name = attribute.attr.id.as_str();
                match self.reference(&attribute.value) {
                    Value::Imported { path, .. } if path.len() < 256 => {
                        Value::Imported { path: format!("{path}.{name}").into(), module: false }
                    }
                    Value::Path(_) if matches!(name, "parent" | "parents") => Value::Path(None),
                    Value::Path(Some(last)) if name == "name" => Value::Str(last),
                    _ => Value::Unknown,
                }
            }
            _ => self.eval(expression),
        }
    }

    pub(super) fn name(&self, name: &str) -> Value {
        if let Some(value) = self.frames.get(name) {
            return value.clone();
        }
        match name {
            "__name__" => Value::text(self.place.name),
            "__package__" => Value::text(self.place.package_name()),
            _ => Value::Imported { path: self.unbound(name).into(), module: false },
        }
    }

    /// The dotted name of a name that the file does not bind: of a module imported with `*`, or built in.
    fn unbound(&self, name: &str) -> String {
        let from_ctypes = matches!(name, "CDLL" | "PyDLL" | "cdll" | "pydll").then_some("ctypes");
        let star = match from_ctypes.or((name == "find_library").then_some("ctypes.util")) {
            Some(module) => self.stars.iter().find(|star| *star == module),
            None if name.starts_with("__") || known::is_builtin(name) => None,
            None => self.stars.last(),
        };
        format!("{}.{name}", star.map_or("builtins", String::as_str))
    }

    pub(super) fn constant(&self, value: Value) -> Value {
        match &value {
            Value::Imported { path, .. } => match &**path {
                "builtins.__spec__.parent" => Value::text(self.place.package_name()),
                "builtins.__spec__.name" => Value::text(self.place.name),
                path => known::constant(path, self.place.python).unwrap_or(value),
            },
            _ => value,
        }
    }

    fn sequence(&mut self, parts: &'a [Expr]) -> Value {
        let mut known = Vec::new();
        for part in parts {
            let value = self.eval(part);
            // `*names` in a list: its parts are not told apart from the others.
            match (part, value) {
                (Expr::Starred(_), Value::Seq(inner)) => known.extend(inner.iter().cloned()),
                (Expr::Starred(_), other) => known.push(other.element()),
                (_, value) => known.push(value),
            }
            known.truncate(512);
        }
        Value::seq(known)
    }

    /// `a and b`, `a or b`: what stands behind an undecided part happens perhaps.
    fn short_circuit(&mut self, operation: &'a ExprBoolOp) -> Value {
        let stops = operation.op == BoolOp::Or;
        let outside = self.sure;
        let mut candidates = Vec::new();
        for (at, part) in operation.values.iter().enumerate() {
            let value = self.eval(part);
            match value.truth() {
                Some(truth) if truth == stops => {
                    // `unknown and False` is false, whatever is unknown; `unknown or "name"` may be either.
                    let known = if stops || candidates.is_empty() { value } else { Value::Bool(false) };
                    candidates.retain(|_| stops);
                    candidates.push(known);
                    break;
                }
                Some(_) if at + 1 < operation.values.len() => {}
                Some(_) => candidates.push(value),
                None => {
                    candidates.push(value);
                    self.sure = self.sure.at_most(Context::Conditional);
                }
            }
        }
        self.sure = outside;
        Value::one_of(candidates)
    }

    fn conditional(&mut self, choice: &'a ExprIf) -> Value {
        match self.eval(&choice.test).truth() {
            Some(true) => self.eval(&choice.body),
            Some(false) => self.eval(&choice.orelse),
            None => {
                let outside = self.sure;
                self.sure = outside.at_most(Context::Conditional);
                let values = [self.eval(&choice.body), self.eval(&choice.orelse)];
                self.sure = outside;
                Value::one_of(values)
            }
        }
    }

    fn compare(&mut self, comparison: &'a ExprCompare) -> Value {
        let mut left = self.eval(&comparison.left);
        let mut answers = Vec::new();
        for (op, right) in comparison.ops.iter().zip(&comparison.comparators) {
            let right = self.eval(right);
            answers.push(Self::holds(*op, &left, &right));
            left = right;
        }
        all(answers.into_iter()).map_or(Value::Unknown, Value::Bool)
    }

    fn holds(op: CmpOp, left: &Value, right: &Value) -> Option<bool> {
        let not = |answer: Option<bool>| answer.map(|answer| !answer);
        match op {
            CmpOp::Eq => left.equals(right),
            CmpOp::NotEq => not(left.equals(right)),
            CmpOp::Lt => left.order(right).map(std::cmp::Ordering::is_lt),
            CmpOp::LtE => left.order(right).map(std::cmp::Ordering::is_le),
            CmpOp::Gt => left.order(right).map(std::cmp::Ordering::is_gt),
            CmpOp::GtE => left.order(right).map(std::cmp::Ordering::is_ge),
            CmpOp::In => left.is_in(right),
            CmpOp::NotIn => not(left.is_in(right)),
            CmpOp::Is | CmpOp::IsNot => {
                let same = match (left, right) {
                    (Value::None, other) | (other, Value::None) => other.is_none(),
                    (Value::Bool(a), Value::Bool(b)) => Some(a == b),
                    _ => None,
                };
                if op == CmpOp::Is { same } else { not(same) }
            }
        }
    }

    pub(super) fn operation(op: Operator, left: &Value, right: &Value) -> Value {
        match (op, left, right) {
            (Operator::Add, _, _) => left.plus(right),
            (Operator::Div, Value::Int(_), _) => Value::Unknown,
            (Operator::Div, _, _) => left.join(right),
            (Operator::Mod, Value::Str(template), Value::Seq(arguments)) => known::fill(template, "%s", arguments),
            (Operator::Mod, Value::Str(template), one) => known::fill(template, "%s", std::slice::from_ref(one)),
            (Operator::Mult, Value::Int(a), Value::Int(b)) => a.checked_mul(*b).map_or(Value::Unknown, Value::Int),
            (Operator::Pow, Value::Int(a), Value::Int(b)) => {
                u32::try_from(*b).ok().and_then(|b| a.checked_pow(b)).map_or(Value::Unknown, Value::Int)
            }
            _ => Value::Unknown,
        }
    }

    fn f_string(&mut self, text: &'a ExprFString) -> Value {
        let mut whole = Value::text("");
        for part in text.value.as_slice() {
            match part {
                FStringPart::Literal(literal) => whole = whole.plus(&Value::text(&literal.value)),
                FStringPart::FString(inner) => {
                    for element in &inner.elements {
                        let value = match element {
                            InterpolatedStringElement::Literal(literal) => Value::text(&literal.value),
                            InterpolatedStringElement::Interpolation(hole) => match self.eval(&hole.expression) {
                                Value::Int(number) => Value::text(&number.to_string()),
                                value => value,
                            },
                        };
                        whole = whole.plus(&value);
                    }
                }
            }
        }
        whole
    }

    fn comprehension(&mut self, generators: &'a [Comprehension], element: &'a Expr) -> Value {
        let (around, scope) = (self.frames.current(), self.frames.top().scope);
        let floor = self.frames.top().floor;
        self.frames.push(Some(around), scope);
        self.frames.top().floor = floor;
        for generator in generators {
            let values = self.eval(&generator.iter).element();
            self.assign(&generator.target, values);
            for test in &generator.ifs {
                self.eval(test);
            }
        }
        let value = self.eval(element);
        self.frames.pop();
        Value::seq(vec![value]).element()
    }

    /// Gives names their values, taking tuples apart.
    pub(super) fn assign(&mut self, target: &'a Expr, value: Value) {
        match target {
            Expr::Name(name) => self.frames.set(name.id.as_str(), value),
            Expr::Tuple(_) | Expr::List(_) => {
                let targets = match target {
                    Expr::Tuple(tuple) => &tuple.elts,
                    Expr::List(list) => &list.elts,
                    _ => return,
                };
                let starred = targets.iter().any(Expr::is_starred_expr);
                for (target, at) in targets.iter().zip(0..) {
                    let part = if starred { Value::Unknown } else { value.item(&Value::Int(at)) };
                    self.assign(target, part);
                }
            }
            Expr::Starred(starred) => self.assign(&starred.value, Value::Unknown),
            Expr::Attribute(attribute) => {
                self.reference(&attribute.value);
            }
            Expr::Subscript(subscript) => {
                self.eval(&subscript.value);
                self.eval(&subscript.slice);
            }
            _ => {}
        }
    }
}
