//! Administration queries: a table.
//!
//! Queries ignore module identifier, counter and signatures. Their answers are signed like those of commands.

use hpcs_ep11::{AdminFunction, AttributeList, SubjectKeyId};

use crate::commands::no_input;
use crate::{QueryRequest, Response, Unit, UnitRefusal};

/// One query.
pub struct QueryRow {
    /// Function id, bit 0x00010000 set.
    pub function: AdminFunction,
    /// Whether it asks about the module, not about the unit.
    pub about_module: bool,
    /// Reads the input and gives the output.
    answer: fn(&Unit, &[u8]) -> Result<Vec<u8>, UnitRefusal>,
}

/// All queries of section 5 of the administration protocol.
pub const QUERIES: &[QueryRow] = &[
    QueryRow { function: AdminFunction::QUERY_ADMINISTRATORS, about_module: false, answer: administrators },
    QueryRow { function: AdminFunction::QUERY_DEVICE_CERTIFICATE, about_module: true, answer: device_certificate },
    QueryRow { function: AdminFunction::QUERY_CONTROL_POINTS, about_module: false, answer: control_points },
    QueryRow { function: AdminFunction::QUERY_CURRENT_WK, about_module: false, answer: current_pattern },
    QueryRow { function: AdminFunction::QUERY_NEXT_WK, about_module: false, answer: new_pattern },
    QueryRow { function: AdminFunction::QUERY_CARD_ATTRIBUTES, about_module: true, answer: card_attributes },
    QueryRow { function: AdminFunction::QUERY_ATTRIBUTES, about_module: false, answer: attributes },
];

pub(crate) fn find(function: AdminFunction) -> Option<&'static QueryRow> {
    QUERIES.iter().find(|row| row.function == function)
}

impl QueryRequest<'_> {
    /// Which query this is.
    pub fn function(&self) -> AdminFunction {
        self.header.function
    }

    /// Answers from the state of `unit`.
    pub fn answer(&self, unit: &Unit) -> (Response, Result<(), UnitRefusal>) {
        let result = self.check_domain(unit).and_then(|()| (self.row.answer)(unit, self.block.input));
        let verdict = result.as_ref().map(|_| ()).map_err(|refusal| *refusal);
        let response = if self.row.about_module {
            Response::to_module_query(unit, self.header, result)
        } else {
            Response::to_command(unit, self.header, result)
        };
        (response, verdict)
    }

    fn check_domain(&self, unit: &Unit) -> Result<(), UnitRefusal> {
        let domain = self.block.domain;
        let fits = domain.len() == 8
            && (domain.iter().all(|byte| *byte == 0) || domain.starts_with(&unit.domain().index.0.to_be_bytes()));
        if fits { Ok(()) } else { Err(UnitRefusal::DOMAIN_OUT_OF_RANGE) }
    }
}

fn administrators(unit: &Unit, input: &[u8]) -> Result<Vec<u8>, UnitRefusal> {
    if input.is_empty() {
        return Ok(unit.administrators().packed_ids());
    }
    let id = <[u8; 32]>::try_from(input).map_err(|_| UnitRefusal::ADMINISTRATOR_NOT_FOUND)?;
    match unit.administrators().find(SubjectKeyId(id)) {
        Some(administrator) => Ok(administrator.certificate().to_vec()),
        None => Err(UnitRefusal::ADMINISTRATOR_NOT_FOUND),
    }
}

fn device_certificate(unit: &Unit, input: &[u8]) -> Result<Vec<u8>, UnitRefusal> {
    let certificates = unit.module().certificates();
    if input.is_empty() {
        return Ok((certificates.len() as u32).to_be_bytes().to_vec());
    }
    let index = <[u8; 4]>::try_from(input).map_err(|_| UnitRefusal::CERTIFICATE_INDEX_LENGTH)?;
    let certificate = usize::try_from(u32::from_be_bytes(index)).ok().and_then(|index| certificates.get(index));
    certificate.cloned().ok_or(UnitRefusal::CERTIFICATE_INDEX)
}

fn control_points(unit: &Unit, input: &[u8]) -> Result<Vec<u8>, UnitRefusal> {
    no_input(input)?;
    Ok(unit.control_points().0.to_vec())
}

fn current_pattern(unit: &Unit, input: &[u8]) -> Result<Vec<u8>, UnitRefusal> {
    no_input(input)?;
    unit.current_pattern().map(|pattern| pattern.0.to_vec()).ok_or(UnitRefusal::CURRENT_EMPTY)
}

fn new_pattern(unit: &Unit, input: &[u8]) -> Result<Vec<u8>, UnitRefusal> {
    no_input(input)?;
    unit.new_pattern().map(|pattern| pattern.0.to_vec()).ok_or(UnitRefusal::NEW_EMPTY)
}

/// Modules are treated as out of imprint mode and administered by the provider; these are the values clients expect.
fn card_attributes(_: &Unit, input: &[u8]) -> Result<Vec<u8>, UnitRefusal> {
    no_input(input)?;
    Ok(AttributeList(vec![(1, 0), (2, 0), (3, 0), (4, 1), (5, 1)]).encode())
}

fn attributes(unit: &Unit, input: &[u8]) -> Result<Vec<u8>, UnitRefusal> {
    no_input(input)?;
    Ok(unit.attributes().encode())
}
