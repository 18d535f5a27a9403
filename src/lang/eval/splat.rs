//! `source[*].a` and `source.*.a`: the steps applied to every element. What is no sequence is taken as one with that element,
//! null as an empty one.

use super::{Evaluator, Failure, Failures, Outcome, get_attr};
use crate::diagnostics::{Diagnostic, Span};
use crate::lang::syntax::ast::{Splat, SplatStep};
use crate::lang::value::{Kind, Refinement, Type, Value};

/// The value that a splat starts from, and the places it is written at.
struct Place {
    source: Span,
    marker: Span,
    whole: Span,
}

impl Evaluator<'_> {
    pub(super) fn splat(&self, splat: &Splat, whole: Span) -> Outcome {
        let source = self.eval(&splat.source)?;
        let place = Place { source: splat.source.span, marker: splat.marker, whole };
        self.spread(source, &splat.steps, &place)
    }

    fn spread(&self, source: Value, steps: &[SplatStep], place: &Place) -> Outcome {
        let ty = source.ty();
        let marks = source.marks();
        let is_sequence = matches!(ty, Type::Tuple(_) | Type::List(_) | Type::Set(_));
        if source.is_null() {
            if !is_sequence {
                return Ok(Value::tuple(Vec::new()).with_marks(marks));
            }
            let detail = "Splat expressions (with the * symbol) cannot be applied to null sequences.";
            return Err(self.failure(Diagnostic::error("Splat of null value", detail), place.source, None));
        }
        if ty == Type::Dynamic {
            return Ok(Value::unknown(Type::Dynamic).with_marks(marks));
        }
        if !is_sequence {
            let may_be_null = !source.is_known() && !source.range().not_null;
            let element = self.steps(source, steps, place)?;
            // Whether there will be one element or none is not known yet.
            let result = if may_be_null { Value::unknown(Type::Dynamic) } else { Value::tuple(vec![element]) };
            return Ok(result.with_marks(marks));
        }
        let elements = match source.kind() {
            Kind::List(_, items) | Kind::Set(_, items) | Kind::Tuple(items) => items,
            _ => return self.spread_unknown(&source, &ty, steps, place),
        };
        let mut failures = Failures::default();
        let mut values = Vec::with_capacity(elements.len());
        for element in elements.iter() {
            values.extend(failures.keep(self.steps(element.clone(), steps, place)));
        }
        let values = failures.finish(values)?;
        let result = match &ty {
            Type::List(element) | Type::Set(element) => {
                let result = match values.first() {
                    Some(_) => common_type(&values).ok_or_else(|| self.mixed_types(place))?,
                    None => self.element_type(element, steps, place)?,
                };
                Value::list(result, values)
            }
            _ => Value::tuple(values),
        };
        Ok(result.with_marks(marks))
    }

    fn spread_unknown(&self, source: &Value, ty: &Type, steps: &[SplatStep], place: &Place) -> Outcome {
        let result = match ty {
            Type::List(element) | Type::Set(element) => Type::list(self.element_type(element, steps, place)?),
            Type::Tuple(elements) => {
                let types: Result<Vec<Type>, Failure> =
                    elements.iter().map(|element| self.element_type(element, steps, place)).collect();
                Type::Tuple(types?.into())
            }
            _ => Type::Dynamic,
        };
        let range = source.range();
        let refinement = Refinement {
            not_null: true,
            min_length: (result.is_collection() && range.min_length > 0).then_some(range.min_length),
            max_length: (result.is_collection() && range.max_length < u64::MAX).then_some(range.max_length),
            ..Refinement::default()
        };
        Ok(Value::unknown(result).refine(&refinement).with_marks(source.marks()))
    }

    /// The type the steps lead to from an element of this type.
    fn element_type(&self, element: &Type, steps: &[SplatStep], place: &Place) -> Result<Type, Failure> {
        Ok(self.steps(Value::unknown(element.clone()), steps, place)?.ty())
    }

    fn steps(&self, mut value: Value, steps: &[SplatStep], place: &Place) -> Outcome {
        for step in steps {
            value = match step {
                SplatStep::Attr(name) => get_attr(&value, &name.name).map_err(|d| self.failure(*d, name.span, None))?,
                SplatStep::Index(key) => self.step_index(&value, key, key.span)?,
                SplatStep::Splat(inner) => {
                    let place = Place { source: place.marker, marker: inner.marker, whole: place.whole };
                    self.spread_deeper(value, &inner.steps, &place)?
                }
            };
        }
        Ok(value)
    }

    fn spread_deeper(&self, value: Value, steps: &[SplatStep], place: &Place) -> Outcome {
        crate::lang::deep::deeper(|| self.spread(value, steps, place)).unwrap_or_else(|| {
            let detail = "The system gave no further thread to evaluate this deeply nested expression.";
            Err(self.failure(Diagnostic::error("Out of threads", detail), place.whole, None))
        })
    }

    fn mixed_types(&self, place: &Place) -> Failure {
        let detail = "The second level of splat expression produced elements of different types, so it isn't possible to construct a valid list to represent the top-level result.\n\nConsider using a for expression instead, to produce a tuple-typed result which can therefore have non-homogenous element types.";
        self.failure(Diagnostic::error("Invalid nested splat expressions", detail), place.whole, None)
    }
}

/// The type of all values; what has no type yet fits any.
fn common_type(values: &[Value]) -> Option<Type> {
    let mut common = Type::Dynamic;
    for value in values {
        let ty = value.ty();
        if common == Type::Dynamic {
            common = ty;
        } else if ty != Type::Dynamic && ty != common {
            return None;
        }
    }
    Some(common)
}
